import type { ConnectionSettings } from '../config/settings.ts';
import type { OtherSideError } from '../errors.ts';
import { connectionNotice } from '../events/notice.ts';
import type { Provider } from '../providers/provider.ts';
import { addMs } from '../time.ts';
import { isLongerThanExpected } from './expected-hours.ts';
import { failedPoll } from './health.ts';
import type { Concern, Drift, OwedNotice } from './health-memory.ts';
import type { PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import { longestWait } from './schedule.ts';

/** What a poll showed of how it goes with its connection. */
export interface Seen {
  /** Undefined: the list could be read. */
  readonly error: OtherSideError | undefined;
  /** True when it showed a call that nobody had seen before. */
  readonly isNew: boolean;
  /** Since when the list has not been read to its end, or what is read is late; undefined: it keeps up. */
  readonly behindSince: Date | undefined;
}

type Health = Pick<PollState, 'failure' | 'concern' | 'lastNewAt' | 'backoffUntil' | 'owed'>;

const owedOf = (
  type: OwedNotice['type'],
  { reason, since }: Pick<OwedNotice, 'reason' | 'since'>,
  at: Date,
): OwedNotice[] => [{ type, reason, since, at: at.toISOString() }];

/**
 * What a poll means for the connection's health, and what people are owed of it: once per transition.
 *
 * One trouble is told at a time. A failure that is announced takes the place of what was said of a
 * connection whose polls succeeded, and when it is over, what is expected of the connection begins anew.
 */
export function judgeHealth(
  settings: ConnectionSettings,
  state: PollState,
  seen: Seen,
  { now, random }: Pick<PollDeps, 'now' | 'random'>,
): Health {
  const { failure, concern, lastNewAt } = state;
  const at = now();
  if (!seen.error) {
    const isBack = failure?.announced === true;
    const worry = isBack
      ? { concern: undefined, owed: [] }
      : judgeSuccess(settings, state, seen, at);
    return {
      failure: null,
      backoffUntil: null,
      concern: worry.concern,
      lastNewAt: seen.isNew || isBack ? expectedSince(settings, at) : lastNewAt,
      owed: isBack ? owedOf('connection.recovered', failure, at) : worry.owed,
    };
  }
  const failed = failedPoll(seen.error, failure, {
    everyMs: settings.poll.every,
    maxMs: longestWait(settings, state),
    now: at,
    random: random(),
  });
  return {
    failure: failed.failure,
    backoffUntil: addMs(at, failed.backoffMs).toISOString(),
    concern: failed.failure.announced ? undefined : concern,
    lastNewAt,
    owed: failed.announce ? owedOf('connection.failing', failed.failure, at) : [],
  };
}

/** Only where it is asked for, because it is stored. */
const expectedSince = ({ expectTraffic }: ConnectionSettings, at: Date): string | undefined =>
  expectTraffic && at.toISOString();

/** How it goes with a connection whose polls succeed. */
function judgeSuccess(
  settings: ConnectionSettings,
  state: PollState,
  seen: Seen,
  at: Date,
): Pick<Health, 'concern' | 'owed'> {
  const { concern: before } = state;
  const concern = concernOf(settings, state, seen, at);
  if (before?.announced && concern?.reason !== before.reason) {
    return { concern: undefined, owed: owedOf('connection.recovered', before, at) };
  }
  const isNews = concern?.announced === true && !before?.announced;
  return { concern, owed: isNews ? owedOf('connection.failing', concern, at) : [] };
}

/**
 * What is wrong, if anything. Lag is noted when it begins and told when it has lasted: whoever comes back
 * after an hour has much to read. What cannot be seen to its end is not called silent.
 */
function concernOf(
  { expectTraffic, maxLag }: ConnectionSettings,
  { concern, lastNewAt, lastChangeAt, begun }: PollState,
  { isNew, behindSince }: Seen,
  at: Date,
): Concern | undefined {
  const isSilentStill = concern?.reason === 'silent' && !isNew && expectTraffic !== undefined;
  if (isSilentStill) return concern;
  if (!begun) return undefined;
  if (behindSince) {
    const lag = concern?.reason === 'lagging' ? concern : undefined;
    const since = lag?.since ?? behindSince.toISOString();
    const isLong = lag !== undefined && at.getTime() - Date.parse(since) > maxLag;
    return { reason: 'lagging', since, announced: lag?.announced || isLong };
  }
  const since = lastNewAt ?? lastChangeAt;
  const isSilent =
    !isNew && expectTraffic && isLongerThanExpected(expectTraffic, new Date(since), at);
  return isSilent ? { reason: 'silent', since, announced: true } : undefined;
}

/** What people are owed when all can be read again. */
export const mended = ({ since }: Drift, at: Date): OwedNotice[] =>
  since === null ? [] : owedOf('connection.recovered', { reason: 'drifted', since }, at);

/**
 * Writes what people are owed. The state that owes it is saved before, and owes it until the next poll
 * has written it again: so who is told of trouble is told of its end, wherever a poll dies.
 */
export async function tellHealth(
  { id }: ConnectionSettings,
  provider: Provider,
  notices: readonly OwedNotice[],
  { calls }: Pick<PollDeps, 'calls'>,
): Promise<void> {
  for (const { type, reason, since, at } of notices) {
    const connection = { id, provider: provider.id, reason, since };
    await calls.notify(connectionNotice(type, connection, new Date(at)));
  }
}
