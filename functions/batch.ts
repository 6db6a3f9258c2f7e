import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createLog, errorFields } from '../lib/log.ts';

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without the parser's own words: they quote the message.
    throw new Error('the message is no JSON');
  }
}

/** Handles every message on its own and reports exactly those that failed. */
export async function eachMessage(
  { Records }: SQSEvent,
  handle: (body: unknown) => Promise<unknown>,
): Promise<SQSBatchResponse> {
  const failures = await Promise.all(
    Records.map(async ({ messageId, body }) => {
      try {
        await handle(parse(body));
        return [];
      } catch (error) {
        createLog()('error', 'a message failed', { messageId, ...errorFields(error) });
        return [{ itemIdentifier: messageId }];
      }
    }),
  );
  return { batchItemFailures: failures.flat() };
}
