import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { fromCallsItem } from '../adapters/call-item.ts';
import { fromQuarantineItem, type Quarantined } from '../adapters/dynamo-control.ts';
import { isFinal } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import { CANARY_DESTINATION, isCanaryCall } from '../canary/canary.ts';
import type { CallwireConfig } from '../config/callwire-file.ts';
import { type Delivery, deliverySchema } from '../delivery/delivery.ts';
import { isRecovery } from '../delivery/incident.ts';
import { meterOf, type WebhookMeter } from '../webhooks/meter.ts';
import type { QuarantineVerdict } from './quarantine-verdict.ts';
import type { Outputs, Session } from './session.ts';
import { type SweepTally, type Tally, versionKey, type WebhookTally } from './tally.ts';
import type { TraceVerdict } from './trace-verdict.ts';
import type { Verdict } from './verdict.ts';

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

interface DeliveryCounts {
  delivered: number;
  waiting: number;
  parked: number;
  failed: number;
  uncertain: number;
}

/** The last line of `demo` and `run` with `--json`. */
export interface Report {
  readonly seconds: number;
  readonly polls: number;
  readonly requests: number;
  readonly detailRequests: number;
  /** Stored calls; `final` of them are final, `silent` of those were never to be announced. */
  readonly calls: number;
  readonly final: number;
  readonly silent: number;
  /** Calls by each of the provider's status words that they have shown while we watched. */
  readonly providerStatuses: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<string, DeliveryCounts>>;
  /** Requests to destinations beyond the first of each delivery. */
  readonly resent: number;
  /** Null where there is no truth to compare with. */
  readonly duplicates: number | null;
  readonly lost: number | null;
  /** Records that were set aside; how many of them are sound, and how many malformed ones are not there. */
  readonly quarantined: number;
  readonly quarantinedWrongly: number | null;
  readonly malformedMissed: number | null;
  /** What daily and weekly sweeps read while we watched, and how much of it polls had missed. */
  readonly sweeps: Readonly<SweepTally>;
  /**
   * Webhooks that providers sent while we watched; of all final calls, how many were first seen by one, how
   * many by the poll it asked for; and how long after the end of the call they came.
   */
  readonly webhooks: Readonly<WebhookTally> & {
    readonly firstByWebhook: number;
    readonly firstByHint: number;
    readonly lateMs: WebhookMeter['lateMs'];
  };
  /** Calls that were traced and compared, hop by hop, with what the simulators know; null where there are none. */
  readonly traces: TraceVerdict['traces'] | null;
  /** From the provider's answer to the request to the destination, deliberate waits left out; local only. */
  readonly latencyMs: Percentiles | null;
  readonly heldMs: Percentiles | null;
  /** Ids of connections that cannot be polled now. */
  readonly failing: readonly string[];
  /** Messages that crashed whoever read them, again and again. */
  readonly deadLetters: number;
  /** False: something was still waiting when the time was up. */
  readonly drained: boolean;
}

/** Everything in the tables that a report counts. */
export interface Stored {
  readonly calls: readonly StoredCall[];
  readonly deliveries: readonly Delivery[];
  readonly quarantined: readonly Quarantined[];
}

async function scan(
  client: DynamoDBDocumentClient,
  table: string,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: table, ExclusiveStartKey: from }));
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}

/** Reads the embedded tables. */
export async function readStored(
  client: DynamoDBDocumentClient,
  {
    CallsTableName,
    ControlTableName,
    DeliveriesTableName,
  }: Pick<Outputs, 'CallsTableName' | 'ControlTableName' | 'DeliveriesTableName'>,
): Promise<Stored> {
  const [calls, control, deliveries] = await Promise.all([
    scan(client, CallsTableName),
    scan(client, ControlTableName),
    scan(client, DeliveriesTableName),
  ]);
  return {
    calls: calls.flatMap((item) => {
      const read = fromCallsItem(item);
      const isMeant = 'call' in read && !read.call.forgotten && !isCanaryCall(read.call.call);
      return isMeant ? [read.call] : [];
    }),
    // Rows of the pace book and of incidents lie in the same table.
    deliveries: deliveries
      .flatMap((row) => deliverySchema.safeParse(row).data ?? [])
      // Of no event: it says that what was told of others is over.
      .filter(({ eventId }) => !isRecovery(eventId))
      .filter(({ destination }) => destination !== CANARY_DESTINATION),
    quarantined: control.flatMap((item) => fromQuarantineItem(item) ?? []),
  };
}

const countBy = <T>(items: Iterable<T>, keyOf: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
};

/** Nearest rank, of at least one value. */
function percentiles(values: readonly number[]): Percentiles | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p50, p99] = [at(0.5), at(0.99)];
  return p50 === undefined || p99 === undefined ? null : { p50: round(p50), p99: round(p99) };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** How long each delivered announcement of this session took, without deliberate waits. */
function latencies(tally: Tally, deliveries: readonly Delivery[]): number[] {
  const receivedAt = new Map(
    tally.events.flatMap((event) => {
      if (!('call' in event)) return [];
      const { connection, id } = event.call;
      const at = tally.receivedAt.get(versionKey(connection, id, event.recordedAt));
      return at === undefined ? [] : [[event.id, at] as const];
    }),
  );
  return deliveries.flatMap(({ eventId, sentAt, heldMs, state }) => {
    const received = receivedAt.get(eventId);
    if (received === undefined || sentAt === undefined || state !== 'delivered') return [];
    return [Date.parse(sentAt) - Date.parse(received) - heldMs];
  });
}

function deliveriesByKind(
  deliveries: readonly Delivery[],
  config: CallwireConfig,
): Record<string, DeliveryCounts> {
  const kinds = new Map(config.destinations.map(({ id, kind }) => [id, kind]));
  const counts: Record<string, DeliveryCounts> = {};
  for (const { kind } of config.destinations) {
    counts[kind] = { delivered: 0, waiting: 0, parked: 0, failed: 0, uncertain: 0 };
  }
  for (const { destination, state } of deliveries) {
    const kind = counts[kinds.get(destination) ?? ''];
    // Nobody was to be told anything of these.
    if (state === 'skipped') continue;
    // A delivery whose worker has it at this moment has not arrived yet.
    if (kind) kind[state === 'sending' ? 'waiting' : state] += 1;
  }
  return counts;
}

export interface Ending {
  readonly seconds: number;
  readonly drained: boolean;
  readonly deadLetters: number;
  /** Computed from the simulated providers' truth; undefined where there is none. */
  readonly verdict:
    | Pick<
        Verdict & QuarantineVerdict & TraceVerdict,
        'lost' | 'duplicates' | 'quarantinedWrongly' | 'malformedMissed' | 'traces'
      >
    | undefined;
}

/** Adds up a session. */
export function reportOf(
  { tally }: Pick<Session, 'tally'>,
  { calls, deliveries, quarantined }: Stored,
  config: CallwireConfig,
  { seconds, drained, deadLetters, verdict }: Ending,
): Report {
  const final = calls.filter(({ call }) => isFinal(call));
  const { first, lateMs } = meterOf(calls);
  return {
    seconds,
    polls: tally.polls,
    requests: tally.requests,
    detailRequests: tally.detailRequests,
    calls: calls.length,
    final: final.length,
    silent: final.filter(({ silent }) => silent).length,
    providerStatuses: Object.fromEntries(
      [...tally.providerStatuses].map(([word, ids]) => [word, ids.size]),
    ),
    events: countBy(tally.events, ({ type }) => type),
    deliveries: deliveriesByKind(deliveries, config),
    resent: deliveries.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0),
    duplicates: verdict?.duplicates ?? null,
    lost: verdict?.lost ?? null,
    quarantined: quarantined.length,
    quarantinedWrongly: verdict?.quarantinedWrongly ?? null,
    malformedMissed: verdict?.malformedMissed ?? null,
    traces: verdict?.traces ?? null,
    sweeps: tally.swept,
    webhooks: {
      ...tally.webhooks,
      firstByWebhook: first.webhook,
      firstByHint: first.hint,
      lateMs,
    },
    latencyMs: percentiles(latencies(tally, deliveries)),
    heldMs: percentiles(deliveries.map(({ heldMs }) => heldMs)),
    failing: [...tally.connections].flatMap(([id, { trouble }]) => (trouble ? [id] : [])),
    deadLetters,
    drained,
  };
}

/** True when nobody has to look at anything: then, and only then, the exit status is 0. */
export const allIsWell = ({
  lost,
  duplicates,
  quarantinedWrongly,
  malformedMissed,
  traces,
  failing,
  deadLetters,
  drained,
  deliveries,
}: Report): boolean =>
  (lost ?? 0) === 0 &&
  (duplicates ?? 0) === 0 &&
  (quarantinedWrongly ?? 0) === 0 &&
  (malformedMissed ?? 0) === 0 &&
  (traces?.disagreeing ?? 0) === 0 &&
  failing.length === 0 &&
  deadLetters === 0 &&
  drained &&
  Object.values(deliveries).every(
    ({ waiting, parked, failed, uncertain }) => waiting + parked + failed + uncertain === 0,
  );
