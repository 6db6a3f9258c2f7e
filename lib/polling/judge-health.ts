import type { ConnectionSettings } from '../config/settings.ts';
import type { OtherSideError } from '../errors.ts';
import { connectionNotice } from '../events/notice.ts';
import type { Provider } from '../providers/provider.ts';
import { addMs } from '../time.ts';
import { failedPoll } from './health.ts';
import type { PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';

/** What this poll means for the connection's health; tells people once per transition. */
export async function judgeHealth(
  settings: ConnectionSettings,
  provider: Provider,
  { failure }: PollState,
  error: OtherSideError | undefined,
  { calls, now, random }: PollDeps,
): Promise<Pick<PollState, 'failure' | 'backoffUntil'>> {
  const who = { id: settings.id, provider: provider.id };
  if (!error) {
    if (failure?.announced) {
      const { reason, since } = failure;
      await calls.notify(
        connectionNotice('connection.recovered', { ...who, reason, since }, now()),
      );
    }
    return { failure: null, backoffUntil: null };
  }
  const at = now();
  const failed = failedPoll(error, failure, {
    everyMs: settings.poll.every,
    now: at,
    random: random(),
  });
  const { reason, since } = failed.failure;
  if (failed.announce) {
    await calls.notify(connectionNotice('connection.failing', { ...who, reason, since }, at));
  }
  return {
    failure: failed.failure,
    backoffUntil: addMs(at, failed.backoffMs).toISOString(),
  };
}
