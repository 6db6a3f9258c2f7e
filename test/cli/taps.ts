import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { toCallItem } from '../../lib/adapters/call-item.ts';
import type { Call } from '../../lib/calls/call.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import { addToTally, createTally, type Tally } from '../../lib/cli/tally.ts';
import type { Reader } from '../../lib/cli/telling.ts';
import type { Event } from '../../lib/events/event.ts';
import type { Tap } from '../../lib/local/system.ts';
import { call } from '../delivery/events.ts';

export const NOW = Date.parse('2026-11-20T10:00:05.000Z');

/** A call as it is stored, final unless said otherwise. */
export const stored = (facts: Partial<Call> = {}, over: Partial<StoredCall> = {}): StoredCall => {
  const about = call(facts);
  return {
    call: about,
    version: 1,
    seenAt: '2026-11-20T09:59:59.000Z',
    receivedAt: '2026-11-20T09:59:59.900Z',
    recordedAt: '2026-11-20T10:00:00.000Z',
    firstSeenAt: '2026-11-20T09:59:59.000Z',
    revision: about.outcome === 'open' ? 0 : 1,
    outcomes: about.outcome === 'open' ? [] : [{ outcome: about.outcome, revision: 1 }],
    changes: [],
    via: 'poll',
    silent: false,
    late: false,
    staleAt: null,
    withheld: [],
    rowPrint: null,
    raw: null,
    forgotten: false,
    ...over,
  };
};

const imageSchema = z.record(z.string(), z.record(z.string(), z.unknown()));

/** What the local system tells of a stream record of that call. */
export const itemTap = (after: StoredCall): Tap => {
  const { pk, ...rest } = toCallItem(after);
  // Binary is base64 text on its way to a function.
  const image: unknown = JSON.parse(
    JSON.stringify(marshall({ pk, ...rest }), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ),
  );
  return {
    kind: 'item',
    table: 'Calls',
    record: {
      eventID: '1',
      eventName: after.version === 1 ? 'INSERT' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/Calls/stream/local',
      dynamodb: {
        ApproximateCreationDateTime: 0,
        Keys: { pk: { S: String(pk) } },
        NewImage: imageSchema.parse(image),
        SequenceNumber: '1',
        SizeBytes: 1,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    },
  };
};

export const eventTap = (detail: Event): Tap => ({
  kind: 'event',
  bus: 'Bus',
  event: {
    version: '0',
    id: 'bus-1',
    'detail-type': detail.type,
    source: 'callwire',
    account: '000000000000',
    time: detail.recordedAt,
    region: 'us-east-1',
    resources: [],
    detail,
  },
  matched: ['Route'],
});

export const logTap = (line: unknown): Tap => ({ kind: 'log', function: 'Poll', line });

export const pollLine = (over: Record<string, unknown> = {}) => ({
  level: 'info',
  message: 'polled',
  connection: 'clinic-riyadh',
  provider: 'hamsa',
  ok: true,
  requests: 1,
  detailRequests: 0,
  rows: 20,
  silent: 0,
  open: 1,
  ...over,
});

export const sweepLine = () => ({
  level: 'info',
  message: 'swept',
  connection: 'clinic-riyadh',
  listed: 40,
  missedFinal: 1,
  missedChange: 2,
});

export const webhookLine = (outcome: string) => ({
  level: 'debug',
  message: 'webhook',
  connection: 'clinic-riyadh',
  outcome,
});

export const deliveryLine = (over: Record<string, unknown> = {}) => ({
  level: 'info',
  message: 'delivered',
  destination: 'ops',
  eventId: 'evt-1',
  state: 'delivered',
  attempts: 1,
  heldMs: 0,
  ...over,
});

/** A tally that was told all of this. */
export function tallyOf(taps: readonly Tap[], reader?: Reader): Tally {
  const tally = createTally(reader);
  for (const tap of taps) addToTally(tally, tap, NOW);
  return tally;
}
