import type { ConnectionSettings, DestinationSettings } from '../config/settings.ts';
import { attentionTo } from '../delivery/attention.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PollState } from '../polling/poll-state.ts';
import { RANGE_KINDS } from '../ranges/range-job.ts';
import type { Records } from '../records/records.ts';
import { isInForce } from '../routing/silence.ts';
import type {
  ConnectionAnswer,
  ConnectionLine,
  DeliveriesAnswer,
  DeliveryLine,
  DestinationLine,
  Health,
  Overview,
} from './answers.ts';

/** So many deliveries are shown one by one. */
const MAX_ROWS = 200;

/** How a connection does, by what polling remembers of it. */
function healthOf(
  settings: ConnectionSettings | undefined,
  state: PollState | undefined,
  now: Date,
): Pick<ConnectionLine, 'health' | 'reason' | 'since'> {
  const because = (health: Health, reason: string | null = null, since: string | null = null) => ({
    ...{ health, reason, since },
  });
  if (!settings) return because('paused');
  if (!state) return because('unpolled');
  const { failure, concern, backoffUntil } = state;
  if (failure)
    return because(failure.announced ? 'failing' : 'unwell', failure.reason, failure.since);
  // Its polls succeed, and people were told that it is silent, or lags.
  if (concern?.announced) return because('failing', concern.reason, concern.since);
  return backoffUntil !== null && backoffUntil > now.toISOString()
    ? because('waiting', 'rate_limited')
    : because('well');
}

function lineOf(
  id: string,
  settings: ConnectionSettings | undefined,
  state: PollState | undefined,
  now: Date,
): ConnectionLine {
  return {
    id,
    provider: settings?.provider ?? null,
    ...healthOf(settings, state, now),
    lastChangeAt: state?.lastChangeAt ?? null,
    open: { count: state?.open.length ?? 0, more: (state?.openFrom ?? null) !== null },
  };
}

async function destinationLines(
  records: Records,
  destinations: readonly DestinationSettings[],
  unsettled: readonly Delivery[],
): Promise<DestinationLine[]> {
  const lines = destinations.map(async ({ id, kind }) => {
    const open = (await records.breaker(id))?.open;
    const mine = unsettled.filter(({ destination }) => destination === id);
    const byState = Map.groupBy(mine, ({ state }) => state);
    return {
      ...{ id, kind },
      breaker: open
        ? { since: open.since, reason: open.reason, fix: open.fix, probeAt: open.probeAt }
        : null,
      unsettled: Object.fromEntries([...byState].map(([state, rows]) => [state, rows.length])),
    };
  });
  return Promise.all(lines);
}

/** The worst first, then by name. */
const URGENCY: readonly Health[] = ['failing', 'unwell', 'waiting', 'unpolled', 'well', 'paused'];

/** How everything does. Of calls nothing is read. */
export async function overviewOf(records: Records, now: Date): Promise<Overview> {
  const [connections, states, destinations, silences, unsettled] = await Promise.all([
    records.connections(),
    records.pollStates(),
    records.destinations(),
    records.silences(),
    records.unsettled(),
  ]);
  const configured = new Map(connections.map((settings) => [settings.id, settings]));
  const ids = [...new Set([...configured.keys(), ...states.keys()])];
  return {
    connections: ids
      .map((id) => lineOf(id, configured.get(id), states.get(id), now))
      .sort(
        (a, b) => URGENCY.indexOf(a.health) - URGENCY.indexOf(b.health) || a.id.localeCompare(b.id),
      ),
    destinations: await destinationLines(records, destinations, unsettled),
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
  const settings = connections.find((each) => each.id === id);
  const state = states.get(id);
  if (!settings && !state) return undefined;
  const [jobs, quarantined, unattributed] = await Promise.all([
    Promise.all(RANGE_KINDS.map((kind) => records.job(id, kind))),
    records.quarantined(id),
    records.unattributed(id),
  ]);
  return {
    line: lineOf(id, settings, state, now),
    settings: settings ?? null,
    polling: state
      ? {
          baselineAt: state.baselineAt,
          watermark: state.watermark,
          backoffUntil: state.backoffUntil,
        }
      : null,
    jobs: jobs.flatMap((job) => {
      if (!job) return [];
      const { kind, state: stage, from, to, startedAt, savedAt, counts, reason } = job;
      return { kind, state: stage, from, to, startedAt, savedAt, counts, reason };
    }),
    quarantined: quarantined.length,
    unattributed: unattributed.length,
  };
}

/** What is not delivered yet, why, and what to do. */
export async function deliveriesOf(records: Records, now: Date): Promise<DeliveriesAnswer> {
  const [destinations, unsettled] = await Promise.all([
    records.destinations(),
    records.unsettled(),
  ]);
  const newestFirst = unsettled.toSorted((a, b) => (a.createdAt > b.createdAt ? -1 : 1));
  return {
    attention: attentionTo(unsettled, now),
    destinations: await destinationLines(records, destinations, unsettled),
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
