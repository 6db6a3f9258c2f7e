import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Answer, PaceBook, Passage } from '../delivery/pace-book.ts';
import { TransientError } from '../errors.ts';
import { gathered } from '../gathered.ts';
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

/** What those who ask together have in common; where their clocks differ, the latest counts. */
interface Group extends Omit<Passage, 'now'> {
  readonly at: number;
}

/** So many can pass one after the other before it is too late, when the gate opens then. */
const roomFrom = ({ everyMs, withinMs, at }: Group, opensAt: number): number =>
  Math.floor((at + withinMs - opensAt) / everyMs) + 1;

const passing = ({ hasTurn, everyMs, at }: Group, count: number): Change => ({
  set: hasTurn ? 'freeAt = :next' : 'freeAt = :next, nextAt = :next',
  condition: `(attribute_not_exists(freeAt) OR freeAt <= :at)${
    hasTurn ? '' : ' AND (attribute_not_exists(nextAt) OR nextAt <= :at)'
  }`,
  values: { at, next: at + count * everyMs },
});

const passingNext = ({ hasTurn, everyMs, withinMs, at }: Group, count: number): Change => ({
  set: `freeAt = freeAt + :span${hasTurn ? '' : ', nextAt = freeAt + :span'}`,
  condition: `freeAt BETWEEN :at AND :latest${
    hasTurn ? '' : ' AND (attribute_not_exists(nextAt) OR nextAt <= freeAt)'
  }`,
  // The last of them is to pass in time as well.
  values: { at, latest: at + withinMs - (count - 1) * everyMs, span: count * everyMs },
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

  /** Takes consecutive passages, as many as are open in time, in one write; the others come too early. */
  async function passTogether(group: Group, count: number): Promise<Answer[]> {
    const { key, everyMs, hasTurn, at } = group;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { freeAt, nextAt } = knownOf(key);
      const opensAt = Math.max(at, freeAt);
      const othersWait = !hasTurn && nextAt > opensAt;
      const open = othersWait ? 0 : Math.min(count, roomFrom(group, opensAt));
      if (open <= 0) return Array.from({ length: count }, () => ({ notBefore: new Date(opensAt) }));
      const change = freeAt > at ? passingNext : passing;
      const done = await write(key, change(group, open));
      if (done === undefined) continue;
      const first = done.freeAt - open * everyMs;
      return Array.from({ length: count }, (_, index) =>
        index < open
          ? { passAt: new Date(first + index * everyMs) }
          : { notBefore: new Date(done.freeAt) },
      );
    }
    throw tooMany();
  }

  /** Those of this worker who ask at once, by what they have in common. */
  const gates = new Map<string, (passage: Passage) => Promise<Answer>>();

  function pass(passage: Passage): Promise<Answer> {
    const { key, everyMs, withinMs, hasTurn } = passage;
    const common = { key, everyMs, withinMs, hasTurn };
    const name = JSON.stringify(common);
    const gate =
      gates.get(name) ??
      gathered<Passage, Answer>((passages) => {
        const at = Math.max(...passages.map(({ now }) => now.getTime()));
        return passTogether({ ...common, at }, passages.length);
      });
    gates.set(name, gate);
    return gate(passage);
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
