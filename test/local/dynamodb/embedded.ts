import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { AwsError, type DynamoService } from '../../../lib/local/services.ts';

/** Serves a service over HTTP, so that the SDK's own client can be pointed at it. */
export async function serve(
  service: DynamoService,
): Promise<{ endpoint: string; stop: () => void }> {
  const server = createServer((request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    void json(request)
      // The SDK always sends an object.
      .then((input) => service.handle(operation, input as Record<string, unknown>))
      .then((answer) => response.end(JSON.stringify(answer)))
      .catch((error: unknown) => {
        const [status, body] =
          error instanceof AwsError
            ? [error.statusCode, { __type: error.name, message: error.message, ...error.members }]
            : [500, { __type: 'InternalServerError', message: String(error) }];
        response.writeHead(status).end(JSON.stringify(body));
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  return { endpoint: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}
