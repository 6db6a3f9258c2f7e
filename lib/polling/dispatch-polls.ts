import { type ConnectionSettings, connectionSchema } from '../config/settings.ts';
import type { Log } from '../log.ts';
import { providerById } from '../providers/index.ts';
import { type Clock, MINUTE_MS } from '../time.ts';
import type { PollState } from './poll-state.ts';
import { dueInstants, pollInterval } from './schedule.ts';
import type { Tick } from './tick.ts';

/** One message carries so many connections of one host, which then share its sockets. */
const MAX_CONNECTIONS = 20;

export interface DispatchDeps {
  /** The connections, each as the operator wrote it. */
  connections(): Promise<readonly unknown[]>;
  states(connections: readonly string[]): Promise<ReadonlyMap<string, PollState>>;
  /** Sends ticks, each after its delay. Group: the tenants that are to be served in turn. */
  send(ticks: readonly { tick: Tick; delaySeconds: number; group: string }[]): Promise<void>;
  readonly now: Clock;
  readonly log: Log;
}

interface Due {
  readonly at: number;
  readonly written: unknown;
  readonly settings: ConnectionSettings;
  readonly expiresAt: number;
}

const groupOf = ({ provider, baseUrl }: ConnectionSettings): string =>
  new URL(baseUrl ?? providerById(provider).baseUrl).host;

function batches(due: readonly Due[]): Due[][] {
  const groups = Map.groupBy(
    due,
    ({ at, settings }) => `${Math.floor(at / 1000)} ${groupOf(settings)}`,
  );
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MAX_CONNECTIONS) }, (_, index) =>
      group.slice(index * MAX_CONNECTIONS, (index + 1) * MAX_CONNECTIONS),
    ),
  );
}

/**
 * Sends a tick for each poll that is due in the minute that begins at `scheduledAt`. One connection
 * whose settings cannot be read does not keep the others from being polled.
 */
export async function dispatchPolls(
  scheduledAt: Date,
  deps: DispatchDeps,
): Promise<{ connections: number; polls: number }> {
  const connections: { written: unknown; settings: ConnectionSettings }[] = [];
  for (const written of await deps.connections()) {
    const parsed = connectionSchema.safeParse(written);
    if (parsed.success) connections.push({ written, settings: parsed.data });
    else
      deps.log('error', 'a connection in the Control table cannot be read', {
        field: parsed.error.issues[0]?.path.join('.') ?? '',
        rule: parsed.error.issues[0]?.message ?? '',
      });
  }
  const states = await deps.states(connections.map(({ settings }) => settings.id));
  const until = new Date(scheduledAt.getTime() + MINUTE_MS);
  const due = connections.flatMap(({ written, settings }): Due[] => {
    const state = states.get(settings.id);
    const interval = pollInterval(settings, state, scheduledAt);
    return dueInstants(settings, state, scheduledAt, until).map((at) => ({
      at,
      written,
      settings,
      expiresAt: at + interval,
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
      group: batch[0] ? groupOf(batch[0].settings) : '',
    };
  });
  await deps.send(ticks);
  return { connections: connections.length, polls: due.length };
}
