import type { ConnectionSettings } from '../config/settings.ts';
import type { OtherSideError } from '../errors.ts';
import { connectionNotice } from '../events/notice.ts';
import type { Provider } from '../providers/provider.ts';
import { addMs } from '../time.ts';
import { failedPoll } from './health.ts';
import type { OwedNotice, PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';

/** What a poll means for the connection's health, and what people are owed of it: once per transition. */
export function judgeHealth(
  { poll }: ConnectionSettings,
  { failure }: PollState,
  error: OtherSideError | undefined,
  { now, random }: Pick<PollDeps, 'now' | 'random'>,
): Pick<PollState, 'failure' | 'backoffUntil' | 'owed'> {
  const at = now();
  const owed = (type: OwedNotice['type'], { reason, since }: NonNullable<PollState['failure']>) => [
    { type, reason, since, at: at.toISOString() },
  ];
  if (!error) {
    return {
      failure: null,
      backoffUntil: null,
      owed: failure?.announced ? owed('connection.recovered', failure) : [],
    };
  }
  const failed = failedPoll(error, failure, { everyMs: poll.every, now: at, random: random() });
  return {
    failure: failed.failure,
    backoffUntil: addMs(at, failed.backoffMs).toISOString(),
    owed: failed.announce ? owed('connection.failing', failed.failure) : [],
  };
}

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
