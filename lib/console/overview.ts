import { attentionTo } from '../delivery/attention.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { RANGE_KINDS } from '../ranges/range-job.ts';
import {
  type ConnectionHealth,
  connectionHealth,
  knownConnections,
} from '../records/connection-health.ts';
import { type DestinationStatus, destinationStatuses } from '../records/destination-status.ts';
import type { Records } from '../records/records.ts';
import { isInForce } from '../routing/silence.ts';
import type {
  ConnectionAnswer,
  ConnectionLine,
  DeliveriesAnswer,
  DeliveryLine,
  DestinationLine,
  Overview,
} from './answers.ts';

/** So many deliveries are shown one by one. */
const MAX_ROWS = 200;

const lineOf = ({
  health,
  failure,
  openCalls,
  hasMoreOpen,
  ...known
}: ConnectionHealth): ConnectionLine => ({
  ...{ id: known.id, provider: known.provider, health, lastChangeAt: known.lastChangeAt },
  reason: failure?.reason ?? (health === 'waiting' ? 'rate_limited' : null),
  since: failure?.since ?? null,
  open: { count: openCalls, more: hasMoreOpen },
});

const destinationLine = ({ id, kind, open, ...counts }: DestinationStatus): DestinationLine => {
  const { waiting, parked, failed, uncertain } = counts;
  const byState = Object.entries({ waiting, parked, failed, uncertain });
  return {
    ...{ id, kind, breaker: open },
    unsettled: Object.fromEntries(byState.filter(([, count]) => count > 0)),
  };
};

/** The worst first, then by name. */
const URGENCY: readonly ConnectionLine['health'][] = [
  'failing',
  'unwell',
  'waiting',
  'never-polled',
  'well',
  'removed',
];

/** How everything does. Of calls nothing is read. */
export async function overviewOf(records: Records, now: Date): Promise<Overview> {
  const [connections, states, destinations, silences, unsettled] = await Promise.all([
    records.connections(),
    records.pollStates(),
    records.destinations(),
    records.silences(),
    records.unsettled(),
  ]);
  const told = await destinationStatuses(records, destinations, unsettled, now);
  return {
    connections: knownConnections(connections, states)
      .map((known) => lineOf(connectionHealth(known, now)))
      .sort(
        (a, b) => URGENCY.indexOf(a.health) - URGENCY.indexOf(b.health) || a.id.localeCompare(b.id),
      ),
    destinations: told.map(destinationLine),
    silences: silences.filter((silence) => isInForce(silence, now)),
    attention: attentionTo(unsettled, now).reduce((sum, { count }) => sum + count, 0),
  };
}

/** One connection in full; undefined: there is none of this id, and never was. */
export async function connectionOf(
  records: Records,
  id: string,
  now: Date,
): Promise<ConnectionAnswer | undefined> {
  const [connections, states] = await Promise.all([records.connections(), records.pollStates()]);
  const known = knownConnections(connections, states).find((each) => each.id === id);
  if (!known) return undefined;
  const { settings, state } = known;
  const { jobs, quarantined, unattributed } = await records.besides(id);
  return {
    line: lineOf(connectionHealth(known, now)),
    settings: settings ?? null,
    polling: state
      ? {
          baselineAt: state.baselineAt,
          watermark: state.watermark,
          backoffUntil: state.backoffUntil,
        }
      : null,
    jobs: RANGE_KINDS.flatMap((each) => {
      const job = jobs.find(({ kind }) => kind === each);
      if (!job) return [];
      const { kind, state: stage, from, to, startedAt, savedAt, counts, reason } = job;
      return { kind, state: stage, from, to, startedAt, savedAt, counts, reason };
    }),
    ...{ quarantined, unattributed },
  };
}

/** What is not delivered yet, why, and what to do. */
export async function deliveriesOf(records: Records, now: Date): Promise<DeliveriesAnswer> {
  const [destinations, unsettled] = await Promise.all([
    records.destinations(),
    records.unsettled(),
  ]);
  const told = await destinationStatuses(records, destinations, unsettled, now);
  const newestFirst = unsettled.toSorted((a, b) => (a.createdAt > b.createdAt ? -1 : 1));
  return {
    attention: attentionTo(unsettled, now),
    destinations: told.map(destinationLine),
    rows: newestFirst.slice(0, MAX_ROWS).map(deliveryLine),
    total: unsettled.length,
  };
}

/** Without what it tells. */
function deliveryLine(row: Delivery): DeliveryLine {
  const { subject, destination, eventId, type, state, createdAt, attempts } = row;
  return {
    ...{ subject, destination, eventId, type, state, createdAt, attempts },
    dueAt: row.dueAt ?? null,
    reason: row.lastReason ?? null,
    parkedBy: row.parkedBy ?? null,
    fallback: row.fallback?.destination ?? null,
  };
}
