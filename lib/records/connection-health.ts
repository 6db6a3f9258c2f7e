import type { ConnectionSettings } from '../config/settings.ts';
import type { PollState } from '../polling/poll-state.ts';
import type { Records } from './records.ts';

/** A connection, by what is kept of it in a few words: what is configured, and what polling remembers. */
export interface KnownConnection {
  readonly id: string;
  /** Undefined: it is not configured any more. */
  readonly settings: ConnectionSettings | undefined;
  /** Undefined: it was never polled. */
  readonly state: PollState | undefined;
}

/**
 * How polling of a connection does. `unwell`: it fails, and nobody was told yet. `waiting`: its provider asked
 * for that. `removed`: it is not configured any more, so it is not polled.
 */
export type Health = 'well' | 'waiting' | 'unwell' | 'failing' | 'never-polled' | 'removed';

/** What is known of a connection without reading more of it. */
export interface ConnectionHealth {
  readonly id: string;
  /** Null: it is not configured any more; what is kept of it stays. */
  readonly provider: string | null;
  readonly health: Health;
  /** Why it fails: it cannot be polled, or its polls succeed and people were told that it is silent or lags. */
  readonly failure: { readonly reason: string; readonly since: string } | null;
  readonly backoffUntil: string | null;
  readonly lastChangeAt: string | null;
  readonly openCalls: number;
  /** There are more open calls than are remembered by their ids. */
  readonly hasMoreOpen: boolean;
}

/** All connections that are configured, or were once. */
export function knownConnections(
  configured: readonly ConnectionSettings[],
  states: ReadonlyMap<string, PollState>,
): KnownConnection[] {
  const byId = new Map(configured.map((settings) => [settings.id, settings]));
  const ids = new Set([...byId.keys(), ...states.keys()]);
  return [...ids].map((id) => ({ id, settings: byId.get(id), state: states.get(id) }));
}

/** The ids of all connections that are configured, or were once. */
export async function connectionIds(
  records: Pick<Records, 'connections' | 'pollStates'>,
): Promise<readonly string[]> {
  const [configured, states] = await Promise.all([records.connections(), records.pollStates()]);
  return knownConnections(configured, states).map(({ id }) => id);
}

/** How a connection does, by what is known of it already. */
export function connectionHealth(known: KnownConnection, now: Date): ConnectionHealth {
  const { id, settings, state } = known;
  const failure = failureOf(state);
  return {
    id,
    provider: settings?.provider ?? null,
    health: healthOf(known, now),
    failure: failure && { reason: failure.reason, since: failure.since },
    backoffUntil: state?.backoffUntil ?? null,
    lastChangeAt: state?.lastChangeAt ?? null,
    openCalls: state?.open.length ?? 0,
    hasMoreOpen: (state?.openFrom ?? null) !== null,
  };
}

function failureOf(state: PollState | undefined) {
  const concern = state?.concern?.announced ? state.concern : null;
  return state?.failure ?? concern;
}

function healthOf({ settings, state }: KnownConnection, now: Date): Health {
  if (!settings) return 'removed';
  if (!state) return 'never-polled';
  const failure = failureOf(state);
  if (failure) return failure.announced ? 'failing' : 'unwell';
  const { backoffUntil } = state;
  return backoffUntil !== null && backoffUntil > now.toISOString() ? 'waiting' : 'well';
}
