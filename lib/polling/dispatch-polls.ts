import { type ConnectionSettings, connectionSchema } from '../config/settings.ts';
import type { Count, Log } from '../log.ts';
import { providers } from '../providers/index.ts';
import { dueSweeps } from '../ranges/due-sweeps.ts';
import type { RangeMessage } from '../ranges/ports.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../time.ts';
import type { PollState } from './poll-state.ts';
import { dueInstants, pollInterval } from './schedule.ts';
import type { Tick } from './tick.ts';

/** One message carries so many connections of one host, which then share its sockets. */
const MAX_CONNECTIONS = 20;

/**
 * Ticks are worth something for at least so long, however soon the next one is due: a message and a
 * cold start take seconds, and a connection polled each second would drop every tick on the way.
 */
const MIN_LIFETIME_MS = 15 * SECOND_MS;

export interface DispatchDeps {
  /** The connections, each as the operator wrote it. */
  connections(): Promise<readonly unknown[]>;
  states(connections: readonly string[]): Promise<ReadonlyMap<string, PollState>>;
  /** Sends ticks, each after its delay. Group: the tenants that are to be served in turn. */
  send(ticks: readonly { tick: Tick; delaySeconds: number; group: string }[]): Promise<void>;
  /** Sends the beginnings of sweeps, each after its delay. */
  sendSweeps(
    sweeps: readonly { message: RangeMessage; delaySeconds: number; group: string }[],
  ): Promise<void>;
  readonly now: Clock;
  readonly log: Log;
  readonly count: Count;
}

interface Due {
  readonly at: number;
  readonly written: unknown;
  readonly settings: ConnectionSettings;
  readonly host: string;
  readonly expiresAt: number;
}

/** The host that a connection's polls go to; undefined when nobody knows its provider. */
function hostOf({ provider, baseUrl }: ConnectionSettings): string | undefined {
  const known = providers.find(({ id }) => id === provider);
  return known && new URL(baseUrl ?? known.baseUrl).host;
}

function batches(due: readonly Due[]): Due[][] {
  const groups = Map.groupBy(due, ({ at, host }) => `${Math.floor(at / 1000)} ${host}`);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MAX_CONNECTIONS) }, (_, index) =>
      group.slice(index * MAX_CONNECTIONS, (index + 1) * MAX_CONNECTIONS),
    ),
  );
}

/**
 * Sends a tick for each poll that is due in the minute that begins at `scheduledAt`. One connection
 * whose settings cannot be read does not keep the others from being polled.
 *
 * Counts, each minute, the connections whose calls are not seen: those that cannot be read, and
 * those that people were told are failing. Counting polls would not do: a refused key is asked once
 * an hour, and its alarm would end in between.
 */
export async function dispatchPolls(
  scheduledAt: Date,
  deps: DispatchDeps,
): Promise<{ connections: number; polls: number }> {
  const connections: Pick<Due, 'written' | 'settings' | 'host'>[] = [];
  let unreadable = 0;
  for (const written of await deps.connections()) {
    const { data: settings, error } = connectionSchema.safeParse(written);
    const host = settings && hostOf(settings);
    if (settings && host !== undefined) {
      connections.push({ written, settings, host });
      continue;
    }
    unreadable += 1;
    const [issue] = error?.issues ?? [];
    deps.log('error', 'a connection in the Control table cannot be read', {
      connection: settings?.id,
      field: issue?.path.join('.') ?? 'provider',
      rule: issue?.message ?? 'is not the id of a provider',
    });
  }
  const states = await deps.states(connections.map(({ settings }) => settings.id));
  const told = connections.filter(({ settings }) => states.get(settings.id)?.failure?.announced);
  const failing = unreadable + told.length;
  if (failing > 0) deps.count('ConnectionsFailing', failing);

  const until = new Date(scheduledAt.getTime() + MINUTE_MS);
  const due = connections.flatMap(({ written, settings, host }): Due[] => {
    const state = states.get(settings.id);
    const interval = pollInterval(settings, state, scheduledAt);
    return dueInstants(settings, state, scheduledAt, until).map((at) => ({
      at,
      written,
      settings,
      host,
      expiresAt: at + Math.max(interval, MIN_LIFETIME_MS),
    }));
  });
  const now = deps.now().getTime();
  const ticks = batches(due).map((batch) => {
    const at = Math.max(now, ...batch.map((entry) => entry.at));
    const delaySeconds = Math.ceil((at - now) / 1000);
    const lateMs = now + delaySeconds * 1000 - at;
    return {
      tick: {
        dueAt: new Date(at).toISOString(),
        // Whole seconds are all that a queue can wait, so the rounding must not count as age.
        expiresAt: new Date(
          Math.max(...batch.map((entry) => entry.expiresAt), at) + lateMs,
        ).toISOString(),
        connections: batch.map(({ written }) => written),
      },
      delaySeconds,
      group: batch[0]?.host ?? '',
    };
  });
  await deps.send(ticks);
  const sweeps = connections.flatMap(({ settings }) => dueSweeps(settings.id, scheduledAt, until));
  await deps.sendSweeps(
    sweeps.map(({ message, at }) => ({
      message,
      delaySeconds: Math.max(0, Math.ceil((at.getTime() - now) / 1000)),
      group: message.connection,
    })),
  );
  return { connections: connections.length, polls: due.length };
}
