import type { IncomingMessage } from 'node:http';

/**
 * The body of a request; undefined when it has more bytes than that. It is read to its end all the same, so that
 * the client gets to see the refusal. With listeners, because an iterator for each small body costs more than the body.
 *
 * @throws Error when the request ends in the middle
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxBytes) chunks.push(chunk);
        else chunks.length = 0;
      })
      .once('end', () => resolve(bytes > maxBytes ? undefined : Buffer.concat(chunks)))
      .once('error', reject)
      .once('close', () => reject(new Error('The request ended in the middle')));
  });
}
