import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Delivery, DeliveryKey } from '../delivery/delivery.ts';
import { type Incident, type IncidentKey, incidentSchema } from '../delivery/incident.ts';
import type { IncidentBook, IncidentChange } from '../delivery/incident-book.ts';
import { TransientError } from '../errors.ts';
import type { Event } from '../events/event.ts';
import { addMs, DAY_MS } from '../time.ts';
import { deliveryItem, membersOf } from './dynamo-deliveries.ts';
import { packText, unpackText } from './packed-text.ts';

const KEPT_MS = 30 * DAY_MS;

/** The partition in which the incidents of a destination lie, each by its key. */
export const incidentsOf = (destination: string): string => `incident#${destination}`;

const keyOf = ({ destination, key }: IncidentKey) => ({ pk: incidentsOf(destination), sk: key });

const expiryAt = (now: Date): number => Math.floor(addMs(now, KEPT_MS).getTime() / 1000);

/** Others that write the same incident at the same instant get in the way at most this often in a row. */
const TRIES = 10;

/** True: the condition held. */
async function isDone(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** What a change sets in the item, with the names of `values`. */
function updateOf({ told, lastAt, at, shown, ends }: IncidentChange) {
  const values = {
    told,
    lastAt,
    toldAt: at.toISOString(),
    expiresAt: expiryAt(at),
    ...(shown && { shownAt: at.toISOString() }),
    ...(ends && { state: 'closed' }),
  };
  const set = Object.keys(values).filter((name) => name !== 'told');
  return {
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')} ADD #count :told`,
    ExpressionAttributeNames: {
      ...{ '#count': 'count', '#opener': 'openerId' },
      ...Object.fromEntries(set.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`:${name}`, value]),
    ),
  };
}

/** An event takes a write unit by itself; packed it fits into that of its incident. */
const unpacked = (opener: unknown): unknown =>
  opener instanceof Uint8Array ? JSON.parse(unpackText(opener, [])) : undefined;

/** Reads an item of the table; undefined for one that is no incident. */
export function readIncident(item: Record<string, unknown>): Incident | undefined {
  if (!String(item.pk).startsWith(incidentsOf(''))) return undefined;
  return incidentSchema.safeParse({ ...item, opener: unpacked(item.opener) }).data;
}

/** Puts another text in the place of the event that began an incident, if that is still the same. */
export async function rewordIncident(
  client: DynamoDBDocumentClient,
  table: string,
  incident: Incident,
  opener: Event,
): Promise<void> {
  const update = new UpdateCommand({
    TableName: table,
    Key: keyOf(incident),
    UpdateExpression: 'SET opener = :text',
    ConditionExpression: 'openerId = :opener',
    ExpressionAttributeValues: {
      ':text': packText(JSON.stringify(opener), []),
      ':opener': incident.opener.id,
    },
  });
  await isDone(client.send(update));
}

/** Incidents in the table of deliveries: one item `incident#<destination>` for each key. */
export function dynamoIncidents(client: DynamoDBDocumentClient, table: string): IncidentBook {
  async function read(ref: IncidentKey): Promise<Incident | undefined> {
    const get = new GetCommand({ TableName: table, Key: keyOf(ref), ConsistentRead: true });
    const { Item } = await client.send(get);
    return Item && incidentSchema.parse({ ...Item, opener: unpacked(Item.opener) });
  }

  const begin: IncidentBook['begin'] = async (ref, opener, now, over) => {
    const at = now.toISOString();
    const previous = over?.parent ?? over?.previous;
    const incident: Incident = {
      ...ref,
      ...{ state: 'opening', opener, openedAt: at, count: 0 },
      ...{ lastAt: opener.occurredAt, toldAt: at, shownAt: at },
      ...(previous && { previous }),
    };
    const put = new PutCommand({
      TableName: table,
      Item: {
        ...{ ...incident, ...keyOf(ref), expiresAt: expiryAt(now) },
        ...{ opener: packText(JSON.stringify(opener), []), openerId: opener.id },
      },
      ...(over === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: 'openerId = :opener AND toldAt = :toldAt AND openedAt = :openedAt',
            ExpressionAttributeValues: {
              ...{ ':opener': over.opener.id, ':toldAt': over.toldAt },
              ':openedAt': over.openedAt,
            },
          }),
    });
    return (await isDone(client.send(put))) ? incident : read(ref);
  };

  const open: IncidentBook['open'] = async (incident, parent, now) => {
    const update = new UpdateCommand({
      TableName: table,
      Key: keyOf(incident),
      UpdateExpression:
        'SET #state = :open, parent = :parent, #count = :one, toldAt = :at, shownAt = :at',
      ConditionExpression: 'openerId = :opener AND #state = :opening',
      ExpressionAttributeNames: { '#state': 'state', '#count': 'count' },
      ExpressionAttributeValues: {
        ...{ ':open': 'open', ':opening': 'opening', ':parent': parent, ':one': 1 },
        ...{ ':at': now.toISOString(), ':opener': incident.opener.id },
      },
    });
    await isDone(client.send(update));
  };

  const plan: IncidentBook['plan'] = (incident, { at, by }) => {
    const { flushAt } = incident;
    const update = new UpdateCommand({
      TableName: table,
      Key: keyOf(incident),
      UpdateExpression: 'SET flushAt = :at, flushBy = :by',
      ConditionExpression: `openerId = :opener AND #state = :open AND ${
        flushAt === undefined ? 'attribute_not_exists(flushAt)' : 'flushAt = :flushAt'
      }`,
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: {
        ...{ ':at': at.toISOString(), ':by': by, ':opener': incident.opener.id, ':open': 'open' },
        ...(flushAt !== undefined && { ':flushAt': flushAt }),
      },
    });
    return isDone(client.send(update));
  };

  const settle: IncidentBook['settle'] = async (rows, incident, change) => {
    const lost: Delivery[] = [];
    let isThere = true;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const left = rows.filter((row) => !lost.includes(row));
      if (left.length === 0) return lost;
      const { UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = updateOf({
        ...change,
        told: Math.max(0, change.told - lost.length),
      });
      const write = new TransactWriteCommand({
        TransactItems: [
          ...left.map((row) => ({
            Put: {
              TableName: table,
              Item: deliveryItem(row, change.at),
              ConditionExpression: 'attribute_not_exists(pk) OR lease = :lease',
              ExpressionAttributeValues: { ':lease': row.lease },
            },
          })),
          ...(isThere
            ? [
                {
                  Update: {
                    TableName: table,
                    Key: keyOf(incident),
                    UpdateExpression,
                    ConditionExpression: '#opener = :opener',
                    ExpressionAttributeNames,
                    ExpressionAttributeValues: {
                      ...ExpressionAttributeValues,
                      ':opener': incident.opener.id,
                    },
                  },
                },
              ]
            : []),
        ],
      });
      try {
        await client.send(write);
        return lost;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const failed = (error.CancellationReasons ?? []).map(
          ({ Code }) => Code === 'ConditionalCheckFailed',
        );
        lost.push(...left.filter((_, index) => failed[index]));
        if (failed[left.length]) isThere = false;
      }
    }
    throw new TransientError('An incident could not be written', { reason: 'contention' });
  };

  async function close(incident: Incident): Promise<void> {
    const update = new UpdateCommand({
      TableName: table,
      Key: keyOf(incident),
      UpdateExpression: 'SET #state = :closed',
      ConditionExpression: 'openerId = :opener',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':closed': 'closed', ':opener': incident.opener.id },
    });
    await isDone(client.send(update));
  }

  async function members({ destination, key }: IncidentKey, limit: number): Promise<DeliveryKey[]> {
    const query = new QueryCommand({
      TableName: table,
      IndexName: 'unsettled',
      KeyConditionExpression: 'u = :u',
      ExpressionAttributeValues: { ':u': membersOf(destination, key) },
      Limit: limit,
    });
    const { Items = [] } = await client.send(query);
    return Items.map(({ pk, sk }) => ({
      subject: String(pk),
      destination,
      eventId: String(sk).slice(destination.length + 1),
    }));
  }

  return { read, begin, open, plan, settle, close, members };
}
