import { messagesOf } from '../../../lib/polling/dispatch-polls.ts';
import { MINUTE_MS } from '../../../lib/time.ts';
import type { Polled, Watched } from './score.ts';

/** When each poll of one connection is made, by when it was due. */
type Starts = ReadonlyMap<number, number>;

/** All polls of a minute leave in as few messages as dispatch finds: each waits for the last of its own. */
function startsOf(polls: readonly (readonly Polled[])[]): Starts[] {
  const starts = polls.map(() => new Map<number, number>());
  const all = polls.flatMap((some, connection) => some.map((poll) => ({ ...poll, connection })));
  const minutes = Map.groupBy(all, ({ at }) => Math.floor(at / MINUTE_MS));
  for (const message of [...minutes.values()].flatMap((due) => [...messagesOf(due)])) {
    const start = Math.max(...message.map(({ at }) => at));
    for (const { at, connection } of message) starts[connection]?.set(at, start);
  }
  return starts;
}

/**
 * What each connection's watcher knew when, had all of them shared messages as dispatch lets those of one
 * host. Slightly too late: a call that ends while a poll is put off is seen by it, and here by the next.
 */
export function sharingMessages(watched: readonly Watched[]): Watched[] {
  const starts = startsOf(watched.map(({ polls }) => polls));
  return watched.map((one, connection) => {
    const putOff = (at: number | undefined) =>
      at === undefined ? undefined : (starts[connection]?.get(at) ?? at);
    return {
      ...one,
      finalSeenAt: one.finalSeenAt.map(putOff),
      updateSeenAt: one.updateSeenAt.map(putOff),
    };
  });
}
