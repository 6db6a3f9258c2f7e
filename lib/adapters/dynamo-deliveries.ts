import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  type Delivery,
  type DeliveryKey,
  type DeliveryState,
  deliverySchema,
  expiryOf,
} from '../delivery/delivery.ts';
import type { Claim, ClaimRequest, DeliveryStore, PaceBook } from '../delivery/delivery-store.ts';
import { TransientError } from '../errors.ts';
import { addMs, DAY_MS } from '../time.ts';

/** Undefined when the write's condition did not hold. */
async function unlessRefused<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

const keyOf = ({ subject, destination, eventId }: DeliveryKey) => ({
  pk: subject,
  sk: `${destination}#${eventId}`,
});

/** In the index of what is unsettled; a delivery that succeeds at once never costs a write there. */
const INDEXED: ReadonlySet<DeliveryState> = new Set(['waiting', 'parked', 'failed', 'uncertain']);

function itemOf(row: Delivery, now: Date) {
  const present = Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  );
  const index = INDEXED.has(row.state) ? { u: `${row.destination}#${row.state}` } : {};
  return { ...present, ...keyOf(row), ...index, expiresAt: expiryOf(row, now) };
}

/** Deliveries in the table that has `pk` and `sk`, and an index on `u` and `dueAt`. */
export function dynamoDeliveries(client: DynamoDBDocumentClient, table: string): DeliveryStore {
  async function read(key: DeliveryKey): Promise<Delivery | undefined> {
    const get = new GetCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
    const { Item } = await client.send(get);
    return Item && deliverySchema.parse(Item);
  }

  async function claim(request: ClaimRequest): Promise<Claim> {
    const { key, type, heldMs, lease, now, leaseUntil, dueBy } = request;
    const fresh = { ...key, type, heldMs, createdAt: now.toISOString(), attempts: 0, failures: 0 };
    const taken = {
      state: 'sending' as const,
      lease,
      claimedAt: now.toISOString(),
      leaseUntil: leaseUntil.toISOString(),
    };
    const names = [...Object.keys(fresh), ...Object.keys(taken), 'expiresAt'];
    const update = new UpdateCommand({
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: `SET ${[
        ...Object.keys(fresh).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
        ...[...Object.keys(taken), 'expiresAt'].map((name) => `#${name} = :${name}`),
      ].join(', ')} REMOVE u, dueAt`,
      ConditionExpression: `attribute_not_exists(pk)
        OR (#state = :waiting AND dueAt <= :dueBy)
        OR (#state = :state AND #leaseUntil <= :claimedAt)`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...prefixed({ ...fresh, ...taken, expiresAt: expiryOf({ type }, now) }),
        ':waiting': 'waiting',
        ':dueBy': dueBy.toISOString(),
      },
      ReturnValues: 'ALL_OLD',
    });
    const done = await unlessRefused(client.send(update));
    if (done !== undefined) {
      const before = done.Attributes && deliverySchema.parse(done.Attributes);
      const { dueAt: _due, ...kept }: Partial<Delivery> & typeof fresh = before ?? fresh;
      return { claimed: true, row: { ...kept, ...taken }, before };
    }
    const row = await read(key);
    if (row === undefined) throw new TransientError('A delivery vanished while it was claimed');
    if (row.state === 'sending' && row.lease === lease) return takenUnheard(row);
    return { claimed: false, row };
  }

  async function save(row: Delivery, now: Date): Promise<boolean> {
    const put = new PutCommand({
      TableName: table,
      Item: itemOf(row, now),
      ConditionExpression: 'lease = :lease',
      ExpressionAttributeValues: { ':lease': row.lease },
    });
    return (await unlessRefused(client.send(put))) !== undefined;
  }

  return { claim, save, read };
}

/**
 * A claim that was made, whose answer was lost, and that the SDK made again in vain. What the first one
 * found is lost with its answer: unless the row began with it, a worker that died is assumed, so that
 * what it may have sent is looked for.
 */
function takenUnheard(row: Delivery): Claim {
  const isNew = row.createdAt === row.claimedAt;
  return { claimed: true, row, before: isNew ? undefined : { ...row, claimedAt: row.createdAt } };
}

const prefixed = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));

const paceSchema = z.object({ nextAt: z.number(), heldUntil: z.number().optional() });

/** Workers that reserve at once get in each other's way at most this often in a row. */
const RESERVE_TRIES = 20;

/** Turns in the same table: one item `pace#<key>` per paced destination. */
export function dynamoPaceBook(client: DynamoDBDocumentClient, table: string): PaceBook {
  /** The latest `nextAt` seen here: tells which of two conditional writes is likely to succeed. */
  const seen = new Map<string, number>();

  const write = (key: string, set: string, condition: string, values: Record<string, number>) =>
    unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { pk: `pace#${key}`, sk: 'pace' },
          UpdateExpression: `SET ${set}, expiresAt = :expiresAt`,
          ConditionExpression: condition,
          ExpressionAttributeValues: prefixed(values),
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );

  async function reserve(key: string, everyMs: number, now: Date): Promise<Date> {
    const at = now.getTime();
    const expiresAt = Math.floor(addMs(now, DAY_MS).getTime() / 1000);
    const queueUp = () =>
      write(key, 'nextAt = nextAt + :everyMs', 'nextAt > :at', { everyMs, at, expiresAt });
    const startAfresh = () =>
      write(key, 'nextAt = :nextAt', 'attribute_not_exists(nextAt) OR nextAt <= :at', {
        nextAt: at + everyMs,
        at,
        expiresAt,
      });
    const likely = (seen.get(key) ?? 0) > at ? [queueUp, startAfresh] : [startAfresh, queueUp];
    for (let tries = 0; tries < RESERVE_TRIES; tries += 1) {
      for (const attempt of likely) {
        const done = await attempt();
        if (done === undefined) continue;
        const { nextAt } = paceSchema.parse(done.Attributes);
        seen.set(key, nextAt);
        return new Date(nextAt - everyMs);
      }
    }
    throw new TransientError('No turn could be reserved', { reason: 'contention' });
  }

  async function hold(key: string, until: Date, now: Date): Promise<void> {
    const values = {
      until: until.getTime(),
      expiresAt: Math.floor(Math.max(until.getTime(), addMs(now, DAY_MS).getTime()) / 1000),
    };
    for (const name of ['nextAt', 'heldUntil']) {
      const condition = `attribute_not_exists(${name}) OR ${name} < :until`;
      await write(key, `${name} = :until`, condition, values);
    }
  }

  async function heldUntil(key: string): Promise<Date | undefined> {
    const get = new GetCommand({
      TableName: table,
      Key: { pk: `pace#${key}`, sk: 'pace' },
      ConsistentRead: true,
    });
    const { Item } = await client.send(get);
    const held = Item && paceSchema.parse(Item).heldUntil;
    return held === undefined ? undefined : new Date(held);
  }

  return { reserve, hold, heldUntil };
}
