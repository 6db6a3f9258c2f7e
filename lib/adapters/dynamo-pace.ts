import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Answer, PaceBook, Passage } from '../delivery/pace-book.ts';
import { TransientError } from '../errors.ts';
import { addMs, DAY_MS } from '../time.ts';

const paceSchema = z.object({
  /** From when on the next request may pass. */
  freeAt: z.number().default(0),
  /** The turn after the last one in line. */
  nextAt: z.number().default(0),
  heldUntil: z.number().default(0),
});
type PaceItem = z.infer<typeof paceSchema>;

const NEVER_ASKED: PaceItem = { freeAt: 0, nextAt: 0, heldUntil: 0 };

/** A write, with names of the item's attributes and of `values` in its expressions. */
interface Change {
  readonly set: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, number>>;
}

/** Workers that ask at once get in each other's way at most this often in a row. */
const TRIES = 20;

const passing = ({ hasTurn, everyMs }: Passage, at: number): Change => ({
  set: hasTurn ? 'freeAt = :next' : 'freeAt = :next, nextAt = :next',
  condition: `(attribute_not_exists(freeAt) OR freeAt <= :at)${
    hasTurn ? '' : ' AND (attribute_not_exists(nextAt) OR nextAt <= :at)'
  }`,
  values: { at, next: at + everyMs },
});

const passingNext = ({ hasTurn, everyMs, withinMs }: Passage, at: number): Change => ({
  set: `freeAt = freeAt + :everyMs${hasTurn ? '' : ', nextAt = freeAt + :everyMs'}`,
  condition: `freeAt BETWEEN :at AND :latest${
    hasTurn ? '' : ' AND (attribute_not_exists(nextAt) OR nextAt <= freeAt)'
  }`,
  values: { at, latest: at + withinMs, everyMs },
});

const beginningLine = (from: number, everyMs: number): Change => ({
  set: 'nextAt = :next',
  condition: 'attribute_not_exists(nextAt) OR nextAt <= :from',
  values: { from, next: from + everyMs },
});

const prolongingLine = (from: number, everyMs: number): Change => ({
  set: 'nextAt = nextAt + :everyMs',
  condition: 'nextAt > :from',
  values: { from, everyMs },
});

const closing = (name: 'freeAt' | 'heldUntil', until: number): Change => ({
  set: `${name} = :until`,
  condition: `attribute_not_exists(${name}) OR ${name} < :until`,
  values: { until },
});

/** Paces in the table of deliveries: one item `pace#<key>` for each paced destination. */
export function dynamoPaceBook(client: DynamoDBDocumentClient, table: string): PaceBook {
  /**
   * The item as it was seen here last. All in it only ever grows, so what is closed in it is closed, and
   * what is not decides which conditional write is likely to succeed.
   */
  const seen = new Map<string, PaceItem>();
  const knownOf = (key: string): PaceItem => seen.get(key) ?? NEVER_ASKED;
  const keyOf = (key: string) => ({ pk: `pace#${key}`, sk: 'pace' });

  /** @returns the item; undefined when the condition did not hold. Either way it was seen. */
  async function write(key: string, change: Change): Promise<PaceItem | undefined> {
    const { set, condition, values } = change;
    const named = { ...values, expiresAt: expiryOf(Math.max(...Object.values(values))) };
    const update = new UpdateCommand({
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: `SET ${set}, expiresAt = :expiresAt`,
      ConditionExpression: condition,
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(named).map(([name, value]) => [`:${name}`, value]),
      ),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      const { Attributes } = await client.send(update);
      const item = paceSchema.parse(Attributes);
      seen.set(key, item);
      return item;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      seen.set(key, error.Item ? paceSchema.parse(unmarshall(error.Item)) : NEVER_ASKED);
      return undefined;
    }
  }

  async function pass(passage: Passage): Promise<Answer> {
    const { key, everyMs, now, withinMs, hasTurn } = passage;
    const at = now.getTime();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { freeAt, nextAt } = knownOf(key);
      const opensAt = Math.max(at, freeAt);
      const othersWait = !hasTurn && nextAt > opensAt;
      if (othersWait || opensAt > at + withinMs) return { notBefore: new Date(opensAt) };
      const change = freeAt > at ? passingNext : passing;
      const done = await write(key, change(passage, at));
      if (done !== undefined) return { passAt: new Date(done.freeAt - everyMs) };
    }
    throw tooMany();
  }

  async function lineUp(key: string, everyMs: number, from: Date): Promise<Date> {
    const at = from.getTime();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const change = knownOf(key).nextAt > at ? prolongingLine : beginningLine;
      const done = await write(key, change(at, everyMs));
      if (done !== undefined) return new Date(done.nextAt - everyMs);
    }
    throw tooMany();
  }

  async function hold(key: string, until: Date): Promise<void> {
    for (const name of ['freeAt', 'heldUntil'] as const) {
      await write(key, closing(name, until.getTime()));
    }
  }

  async function heldUntil(key: string): Promise<Date | undefined> {
    const get = new GetCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
    const { Item } = await client.send(get);
    const until = paceSchema.parse(Item ?? {}).heldUntil;
    return until === 0 ? undefined : new Date(until);
  }

  return { pass, lineUp, hold, heldUntil };
}

/** In epoch seconds, a day after the latest instant of a write. */
const expiryOf = (latest: number): number =>
  Math.floor(addMs(new Date(latest), DAY_MS).getTime() / 1000);

const tooMany = () => new TransientError('No turn could be had', { reason: 'contention' });
