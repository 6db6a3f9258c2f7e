import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createLog, errorFields } from '../lib/log.ts';
import { parseBody } from './parse-body.ts';

/**
 * Handles every message on its own and reports exactly those that failed.
 *
 * @throws when all of them did: their queue keeps them either way, and Lambda counts an answer that names messages
 *   as a success, so that nobody would be told of a function that only fails
 */
export async function eachMessage(
  { Records }: SQSEvent,
  handle: (body: unknown) => Promise<unknown>,
): Promise<SQSBatchResponse> {
  const answers = await Promise.all(
    Records.map(async ({ messageId, body }) => {
      try {
        await handle(parseBody(body));
        return [];
      } catch (error) {
        createLog()('error', 'a message failed', { messageId, ...errorFields(error) });
        return [{ itemIdentifier: messageId }];
      }
    }),
  );
  const failed = answers.flat();
  if (failed.length > 0 && failed.length === Records.length) {
    throw new Error(`${failed.length} of ${failed.length} messages failed`);
  }
  return { batchItemFailures: failed };
}
