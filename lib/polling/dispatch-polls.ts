import type * as z from 'zod';
import { type ConnectionSettings, connectionSchema } from '../config/settings.ts';
import type { Count, Log } from '../log.ts';
import { providerById, providers } from '../providers/index.ts';
import { dueSweeps, dueWatches } from '../ranges/due-sweeps.ts';
import type { SweepMessage } from '../ranges/ports.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../time.ts';
import type { PollState } from './poll-state.ts';
import { dueInstants, pollInterval } from './schedule.ts';
import type { Tick } from './tick.ts';

/** One message carries so many connections of one host, which then share its sockets. */
const MAX_CONNECTIONS = 50;

/**
 * A poll may wait for others of its host by this share of its interval, and never longer than half a
 * minute: an invocation lasts as long as its slowest poll, so the more share one, the cheaper each is.
 */
const SHARED_WAIT = 1 / 16;
const MAX_SHARED_WAIT_MS = 30 * SECOND_MS;

/**
 * Ticks are worth something for at least so long, however soon the next one is due: a message and a
 * cold start take seconds, and a connection polled each second would drop every tick on the way.
 */
const MIN_LIFETIME_MS = 15 * SECOND_MS;

export interface DispatchDeps {
  /** The connections, each as the operator wrote it. */
  connections(): Promise<readonly unknown[]>;
  /** The states of all connections, by connection. */
  states(): Promise<ReadonlyMap<string, PollState>>;
  /** Sends ticks, each after its delay. Group: the tenants that are to be served in turn. */
  send(ticks: readonly { tick: Tick; delaySeconds: number; group: string }[]): Promise<void>;
  /** Sends the beginnings of sweeps, and watch lists to be read, each after its delay. */
  sendSweeps(
    sweeps: readonly { message: SweepMessage; delaySeconds: number; group: string }[],
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
  /** The latest instant to which it may be put off. */
  readonly by: number;
  readonly expiresAt: number;
}

/** The host that a connection's polls go to; undefined when nobody knows its provider. */
function hostOf({ provider, baseUrl }: ConnectionSettings): string | undefined {
  const known = providers.find(({ id }) => id === provider);
  return known && new URL(baseUrl ?? known.baseUrl).host;
}

interface ReadConnection {
  readonly settings: ConnectionSettings | undefined;
  readonly error: z.ZodError | undefined;
  readonly host: string | undefined;
}

/** What was read of the same object before: most minutes bring the same connections. */
const alreadyRead = new WeakMap<object, ReadConnection>();

function readConnection(written: unknown): ReadConnection {
  const isObject = typeof written === 'object' && written !== null;
  const before = isObject ? alreadyRead.get(written) : undefined;
  if (before) return before;
  const { data: settings, error } = connectionSchema.safeParse(written);
  const read = { settings, error, host: settings && hostOf(settings) };
  if (isObject) alreadyRead.set(written, read);
  return read;
}

/** The latest instant to which a poll may be put off that is due at `at`. */
export const latestStart = (at: number, intervalMs: number): number =>
  Math.max(
    at + Math.min(intervalMs * SHARED_WAIT, MAX_SHARED_WAIT_MS),
    // A queue waits whole seconds, so what is due within one leaves together anyway.
    Math.ceil(at / SECOND_MS) * SECOND_MS,
  );

/** Due polls of one host as messages: each is put off only as long as all that are in it may be. */
export function* messagesOf<Poll extends Pick<Due, 'at' | 'by'>>(
  due: readonly Poll[],
): Generator<Poll[]> {
  let message: Poll[] = [];
  let by = Number.POSITIVE_INFINITY;
  for (const poll of due.toSorted((a, b) => a.at - b.at)) {
    if (message.length === MAX_CONNECTIONS || poll.at > by) {
      yield message;
      message = [];
      by = Number.POSITIVE_INFINITY;
    }
    message.push(poll);
    by = Math.min(by, poll.by);
  }
  if (message.length > 0) yield message;
}

const batches = (due: readonly Due[]): Due[][] =>
  [...Map.groupBy(due, ({ host }) => host).values()].flatMap((group) => [...messagesOf(group)]);

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
    const { settings, error, host } = readConnection(written);
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
  const states = await deps.states();
  const told = connections.filter(({ settings }) => {
    const state = states.get(settings.id);
    return state?.failure?.announced || state?.concern?.announced;
  });
  const failing = unreadable + told.length;
  if (failing > 0) deps.count('ConnectionsFailing', failing);

  const until = new Date(scheduledAt.getTime() + MINUTE_MS);
  const due = connections.flatMap(({ written, settings, host }): Due[] => {
    const state = states.get(settings.id);
    const instants = dueInstants(settings, state, scheduledAt, until);
    // Most connections are not due in this minute, and owe nobody their interval.
    if (instants.length === 0) return [];
    const interval = pollInterval(settings, state, scheduledAt);
    return instants.map((at) => ({
      at,
      written,
      settings,
      host,
      by: latestStart(at, interval),
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
  const sweeps = connections.flatMap(({ settings }) => [
    ...dueSweeps(settings.id, scheduledAt, until),
    ...dueWatches(settings, providerById(settings.provider), scheduledAt, until),
  ]);
  await deps.sendSweeps(
    sweeps.map(({ message, at }) => ({
      message,
      delaySeconds: Math.max(0, Math.ceil((at.getTime() - now) / 1000)),
      group: message.connection,
    })),
  );
  return { connections: connections.length, polls: due.length };
}
