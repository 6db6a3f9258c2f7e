import type { ConnectionSettings } from '../config/settings.ts';
import type { Provider } from '../providers/provider.ts';
import { askerOf } from './ask-provider.ts';
import { beginPoll } from './begin-poll.ts';
import { nextDrift } from './drift.ts';
import { isLongWait } from './health.ts';
import { judgeHealth, mended, tellHealth } from './judge-health.ts';
import { behind, look, showsAll, tooSlow } from './look.ts';
import { nextState } from './next-state.ts';
import type { PollCounts } from './poll.ts';
import { loadState, saveMemory } from './poll-memory.ts';
import { later, type PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import { announceStale } from './read-calls.ts';

export interface PollReport extends PollCounts {
  readonly connection: string;
  readonly provider: string;
  readonly ok: boolean;
  /** People have been told that this connection is failing, and not yet that it has recovered. */
  readonly failing: boolean;
  readonly open: number;
  /** Why nothing was asked, or what went wrong. */
  readonly reason: string | undefined;
}

/**
 * Polls one connection: records every call that is news, re-reads what is still open, and moves the
 * state last, so that a poll that dies anywhere is a poll that is made again.
 *
 * Trouble on the provider's side does not throw: it is counted, waited out, and after a few tries
 * announced as `connection.failing`. What throws is a fault of ours.
 */
export async function pollConnection(
  settings: ConnectionSettings,
  provider: Provider,
  deps: PollDeps,
): Promise<PollReport> {
  const memory = await loadState(settings, deps);
  const { state } = memory;
  await tellHealth(settings, provider, state.owed, deps);
  const start = deps.now();
  const asker = askerOf(settings, provider, deps, {
    // It may have been rotated since.
    freshKey: state.failure?.reason === 'key_refused',
  });
  const poll = {
    ...beginPoll(settings, provider, deps, memory, asker),
    driftsEnded: state.drift?.ended ?? 0,
  };
  const report = (
    ok: boolean,
    { failure, concern }: Pick<PollState, 'failure' | 'concern'>,
    reason?: string,
  ): PollReport => ({
    connection: settings.id,
    provider: provider.id,
    ok,
    failing: failure?.announced || concern?.announced || false,
    ...poll.counts,
    open: poll.open.size,
    reason,
  });
  if (state.backoffUntil && start.toISOString() < state.backoffUntil) {
    return report(state.failure === null, state, state.failure?.reason ?? 'waiting');
  }

  const seen = await look(poll, state, start);
  const { walk, trouble } = seen;
  if (walk) await announceStale(poll);

  // A list that could not be read is a failed poll; a detail that has to wait is one if the wait is long.
  const wait = asker.paused();
  const longWait = wait && isLongWait(wait.by) ? wait.by : undefined;
  const failed = walk === undefined ? trouble : (longWait ?? tooSlow(poll, state, seen));
  const isNew = poll.learned.firstSeen > 0;
  const behindSince = behind(poll, state, seen, start);
  const health = judgeHealth(settings, state, { error: failed, isNew, behindSince }, deps);
  const whole = seen.reach.deep && showsAll(seen, state) && poll.faults.length === 0;
  const { drift, over } = nextDrift(state.drift, poll.drift, poll, { whole, now: deps.now() });
  const next = {
    ...nextState(state, poll, seen, start),
    ...health,
    drift,
    owed: [...health.owed, ...(over ? mended(over, deps.now()) : [])],
    backoffUntil: later(health.backoffUntil, wait?.until.toISOString() ?? null),
  };
  // After a walk over all that any walk looks at, fingerprints of other calls are of no use.
  const forgetUnseen = seen.reach.deep && showsAll(seen, state);
  const recents = poll.recents.changed ? poll.recents.encode({ forgetUnseen }) : undefined;
  const saved = await saveMemory(
    settings.id,
    memory,
    next,
    { recents, settled: poll.settled },
    deps,
  );
  // What another told meanwhile is not told again under another name.
  await tellHealth(settings, provider, saved.owed, deps);
  if (poll.faults.length > 0) throw poll.faults[0];
  return report(!failed, health, trouble?.reason);
}
