import { pollWatchList } from './poll-watch-list.ts';
import type { RangeDeps, SweepMessage } from './ports.ts';
import { workOnRange } from './work-on-range.ts';

/** Does what a message of the sweep queue asks for. */
export const workOnSweep = (message: SweepMessage, deps: RangeDeps): Promise<void> =>
  message.kind === 'watch' ? pollWatchList(message, deps) : workOnRange(message, deps);
