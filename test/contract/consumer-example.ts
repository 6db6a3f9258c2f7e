import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { EventBridgeEvent } from 'aws-lambda';
import type { CallEvent, Event } from 'callwire/events';

// What a consumer of the bus looks like that does each thing once: copy it into a Lambda that a rule of
// yours invokes. It needs a table with the partition key `id`, and `expiresAt` as its time to live.

/** Longer than anything is told again: retries take a day, an archive keeps 14. */
const REMEMBERED_SECONDS = 30 * 86_400;

/** Longer than the function may run: whoever took an event and died gives it up by then. */
const TAKEN_SECONDS = 120;

export interface ConsumerParts {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** What you do with the outcome of a call. Throwing means: not done, tell me again. */
  handle(event: CallEvent): Promise<void>;
  readonly now: () => Date;
}

const isCallEvent = (event: Event): event is CallEvent => 'call' in event;

/** A handler that hands each outcome of a call on once, however often the bus delivers it. */
export function createConsumer({ client, table, handle, now }: ConsumerParts) {
  const write = (id: string, freeFrom: number | null, more = {}) => {
    const expiresAt = Math.floor(now().getTime() / 1000) + REMEMBERED_SECONDS;
    const Item = { id, freeFrom, expiresAt };
    return client.send(new PutCommand({ TableName: table, Item, ...more }));
  };

  /** False: it has been handled, or somebody is at it. */
  async function take(id: string): Promise<boolean> {
    const seconds = Math.floor(now().getTime() / 1000);
    try {
      await write(id, seconds + TAKEN_SECONDS, {
        // What is handled is never free again: null is less than no number.
        ConditionExpression: 'attribute_not_exists(id) OR freeFrom <= :now',
        ExpressionAttributeValues: { ':now': seconds },
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return async ({ detail }: EventBridgeEvent<string, Event>): Promise<void> => {
    // New types come without a new schemaVersion: pass over what you do not know.
    if (detail.schemaVersion !== 1 || !isCallEvent(detail)) return;
    if (!(await take(detail.id))) return;
    try {
      await handle(detail);
    } catch (error) {
      // Given back, so that the retry of EventBridge finds it free.
      await write(detail.id, 0);
      throw error;
    }
    await write(detail.id, null);
  };
}
