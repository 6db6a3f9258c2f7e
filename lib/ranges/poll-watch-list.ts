import { connectionSchema } from '../config/settings.ts';
import { isOtherSide } from '../errors.ts';
import { askerOf } from '../polling/ask-provider.ts';
import { beginPoll } from '../polling/begin-poll.ts';
import type { Poll } from '../polling/poll.ts';
import { loadState } from '../polling/poll-memory.ts';
import { MAX_ROWS } from '../polling/poll-state.ts';
import { readPage } from '../polling/read-calls.ts';
import { LIST_TIMEOUT_MS, walkList } from '../polling/walk-list.ts';
import { providerById } from '../providers/index.ts';
import type { Provider } from '../providers/provider.ts';
import type { RangeDeps, WatchMessage } from './ports.ts';
import { tellHotPolling } from './tell-hot-polling.ts';

/** The provider's list, of calls in some of its own words only. */
const onlyOf = (provider: Provider, statuses: readonly string[]): Provider => ({
  ...provider,
  list: {
    ...provider.list,
    window: undefined,
    request: (query) => provider.list.request({ ...query, window: undefined, statuses }),
  },
});

async function readList(poll: Poll, provider: Provider): Promise<void> {
  const { deps, counts } = poll;
  await walkList(provider, undefined, {
    maxRows: MAX_ROWS,
    readUntil: new Date(0),
    random: deps.random,
    now: deps.now,
    deadline: deps.deadline,
    ask: (request) => {
      counts.requests += 1;
      return poll.ask(request, LIST_TIMEOUT_MS);
    },
    onPage: async (page, answer) => {
      await readPage(poll, page, answer);
      return { stop: false };
    },
  });
}

/**
 * Reads one of the short lists that show calls of any age which people have to see to, and records what
 * changed of them. Nothing is remembered between two times: whether a row is news is asked of its call,
 * for a row that left the list and came back looks as it did before.
 *
 * Trouble of the provider's is left to the next time.
 */
export async function pollWatchList(message: WatchMessage, deps: RangeDeps): Promise<void> {
  const written = await deps.connection(message.connection);
  if (written === undefined) return;
  const settings = connectionSchema.parse(written);
  const provider = providerById(settings.provider);
  const watched = provider.watchLists.find(({ id }) => id === message.list);
  if (!watched) return;
  const { state: hot } = await loadState(settings, deps);
  if (hot.backoffUntil && deps.now().toISOString() < hot.backoffUntil) return;

  const asker = askerOf(settings, provider, deps, { freshKey: false });
  const poll = beginPoll(settings, provider, deps, { state: hot, recents: '' }, asker);
  let reason: string | undefined;
  try {
    await readList(poll, onlyOf(provider, watched.statuses));
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    reason = error.reason;
  }
  const pausedUntil = asker.paused()?.until;
  await tellHotPolling({ settings, hot }, { poll, pausedUntil, awaitsDetails: true }, deps);
  const { requests, rows, changed } = poll.counts;
  const { connection, list: kind } = message;
  deps.log(reason ? 'warn' : 'info', 'watched', {
    connection,
    kind,
    requests,
    rows,
    changed,
    reason,
  });
  if (poll.faults.length > 0) throw poll.faults[0];
}
