import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Delivery, type DeliveryKey, deliverySchema, expiryOf } from '../delivery/delivery.ts';
import { listOf } from '../delivery/delivery-lists.ts';
import type { Claim, ClaimRequest, DeliveryStore } from '../delivery/delivery-store.ts';
import { TransientError } from '../errors.ts';
import { queryAll } from './query-all.ts';

/** Undefined when the write's condition did not hold. */
async function unlessRefused<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** The key of a delivery in the table. */
export const keyOf = ({ subject, destination, eventId }: DeliveryKey) => ({
  pk: subject,
  sk: `${destination}#${eventId}`,
});

/** What the index calls the deliveries that wait to be told in an incident. */
export const membersOf = (destination: string, incident: string): string =>
  `${destination}#incident#${incident}`;

/** A delivery in doubt is looked for by itself: nobody may tell it with others. */
const isMember = ({ state, incident, doubt }: Delivery): boolean =>
  state === 'waiting' && incident !== undefined && doubt === undefined;

function indexOf(row: Delivery): { readonly u: string } | undefined {
  const { destination, incident = '' } = row;
  if (isMember(row)) return { u: membersOf(destination, incident) };
  const list = listOf(row);
  return list && { u: `${destination}#${list}` };
}

/** A row as it lies in the table; in the index of what is unsettled only while it is. */
export function deliveryItem(row: Delivery, now: Date) {
  const present = Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  );
  return { ...present, ...keyOf(row), ...indexOf(row), expiresAt: expiryOf(row, now) };
}

/** One delivery as it is now. Apart from the store, so that a function which only reads carries no writes. */
export async function readDelivery(
  client: DynamoDBDocumentClient,
  table: string,
  key: DeliveryKey,
): Promise<Delivery | undefined> {
  const get = new GetCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
  const { Item } = await client.send(get);
  return Item && deliverySchema.parse(Item);
}

/** Deliveries in the table that has `pk` and `sk`, and an index on `u` and `dueAt`. */
export function dynamoDeliveries(client: DynamoDBDocumentClient, table: string): DeliveryStore {
  const read = (key: DeliveryKey) => readDelivery(client, table, key);

  async function claim(request: ClaimRequest): Promise<Claim> {
    const { key, type, revision, heldMs, lease, now, leaseUntil, dueBy } = request;
    const fresh = {
      ...{ ...key, type, revision, heldMs, createdAt: now.toISOString() },
      ...{ attempts: 0, failures: 0 },
    };
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
        'openSince = if_not_exists(openSince, :claimedAt)',
      ].join(', ')} REMOVE u, dueAt`,
      ConditionExpression: `attribute_not_exists(pk)
        OR (#state = :waiting AND dueAt <= :dueBy)
        OR (#state = :state AND #leaseUntil <= :claimedAt)`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...prefixed({
          ...fresh,
          ...taken,
          expiresAt: expiryOf({ type, destination: key.destination }, now),
        }),
        ':waiting': 'waiting',
        ':dueBy': dueBy.toISOString(),
      },
      ReturnValues: 'ALL_OLD',
    });
    const done = await unlessRefused(client.send(update));
    if (done !== undefined) {
      const before = done.Attributes && deliverySchema.parse(done.Attributes);
      const {
        dueAt: _due,
        openSince: _since,
        ...kept
      }: Partial<Delivery> & Omit<typeof fresh, 'revision'> = before ?? fresh;
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
      Item: deliveryItem(row, now),
      ...mayBeSaved(row),
    });
    return (await unlessRefused(client.send(put))) !== undefined;
  }

  async function ofSubject(subject: string, destination: string): Promise<Delivery[]> {
    const items = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :subject AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':subject': subject, ':prefix': `${destination}#` },
      ConsistentRead: true,
    });
    return deliverySchema.array().parse(items);
  }

  return { claim, save, read, ofSubject };
}

/** Its own, or nobody's; and a receipt over whatever is neither settled nor being sent. */
function mayBeSaved({ lease, state }: Delivery) {
  const own = 'attribute_not_exists(pk) OR lease = :lease';
  if (state !== 'delivered') {
    return { ConditionExpression: own, ExpressionAttributeValues: { ':lease': lease } };
  }
  return {
    ConditionExpression: `${own} OR NOT #state IN (:sending, :delivered, :skipped)`,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ...{ ':lease': lease, ':sending': 'sending' },
      ...{ ':delivered': 'delivered', ':skipped': 'skipped' },
    },
  };
}

/**
 * A claim that was made, whose answer was lost, and that the SDK made again in vain. What the first one
 * found is lost with its answer: unless the row began with it, a worker that died is assumed, so that
 * what it may have sent is looked for.
 */
function takenUnheard({ openSince: _since, ...row }: Delivery): Claim {
  const isNew = row.createdAt === row.claimedAt;
  return { claimed: true, row, before: isNew ? undefined : { ...row, claimedAt: row.createdAt } };
}

const prefixed = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
