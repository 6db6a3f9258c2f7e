import type { ConnectionSettings } from '../config/settings.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../time.ts';
import type { HintWindow, Target, WebhookDeps } from './ports.ts';

/** However many webhooks come within it, a connection is polled twice: at once and at its end. */
const WINDOW_MS = 10 * SECOND_MS;

/** Longer where an operator has set a bound to a day's requests: a poll is one at least. */
const windowMs = ({ maxRequestsPerDay }: ConnectionSettings): number =>
  Math.max(WINDOW_MS, maxRequestsPerDay ? DAY_MS / maxRequestsPerDay : 0);

/** Windows that one sandbox remembers. Forgetting one costs a read. */
const MAX_KNOWN = 1_000;

export type PollAtOnce = (target: Target) => Promise<'polled' | 'awaited'>;

type Deps = Pick<WebhookDeps, 'windows' | 'sendTick' | 'now'>;

/**
 * Has connections polled because something happened there. A poll is asked for at once, and by all that
 * follows within the window one more, at its end; the rest asks for nothing. It costs a read and a
 * conditional write at most, and most cost neither, because this sandbox knows.
 *
 * A write that fails is somebody else's, who had not written when this webhook came: the poll that
 * they ask for comes after it, so it will see what this one is about.
 */
export function pollAtOnce({ windows, sendTick, now }: Deps): PollAtOnce {
  const known = new Map<string, HintWindow>();

  const remember = (connection: string, window: HintWindow): void => {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(connection, window);
  };

  return async ({ settings, written }) => {
    const { id } = settings;
    const at = now().getTime();
    const isAwaited = (window: HintWindow | undefined) =>
      window?.isClosing === true && at < window.until;
    if (isAwaited(known.get(id))) return 'awaited';

    const before = await windows.read(id);
    if (before) remember(id, before);
    if (isAwaited(before)) return 'awaited';

    const isOpen = before !== undefined && at < before.until;
    const next = isOpen
      ? { ...before, isClosing: true }
      : { until: at + windowMs(settings), isClosing: false };
    if (!(await windows.replace(id, before, next))) return 'awaited';
    remember(id, next);
    const dueAt = isOpen ? next.until : at;
    const tick = {
      dueAt: new Date(dueAt).toISOString(),
      expiresAt: new Date(dueAt + MINUTE_MS).toISOString(),
      connections: [written],
      hinted: true,
    };
    // SQS delays by a quarter of an hour at most.
    const delaySeconds = Math.min(900, Math.ceil((dueAt - at) / SECOND_MS));
    try {
      await sendTick(tick, { delaySeconds, group: id });
    } catch (error) {
      // Nobody may believe that a poll is on its way, least of all the same webhook when it is sent again.
      const closed = before ?? { until: at, isClosing: false };
      known.delete(id);
      await windows.replace(id, next, closed);
      throw error;
    }
    return 'polled';
  };
}
