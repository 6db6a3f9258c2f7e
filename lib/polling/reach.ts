import type { ConnectionSettings } from '../config/settings.ts';
import type { Provider } from '../providers/provider.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../time.ts';
import { type Outlook, outlookOf } from './expected-delay.ts';
import { earliest, type PollState, type RememberedCall } from './poll-state.ts';
import { patienceOf } from './schedule.ts';
import type { Walk, Window } from './walk-list.ts';
import { lookBackOf } from './window.ts';

/** Where a look-back takes more than a page, only so often is all of it read. */
const DEEP_EVERY_MS = 15 * MINUTE_MS;

/** No walk reaches back less: rows become visible at least this much after they were created. */
const SHORTEST_MS = MINUTE_MS;

/** Of what one page held on average, what it holds for certain: a second page costs as much as the first. */
const PAGE_SHARE = 0.7;

/** How far a walk reaches, and whom else the poll looks at. */
export interface Reach {
  readonly window: Window;
  /** True when it reaches back all the way, to where rows may still become visible late. */
  readonly deep: boolean;
  /** Open calls whose turn it is: those that the list does not show are read by their ids. */
  readonly due: readonly RememberedCall[];
}

type Busy = NonNullable<PollState['busy']>;

/** Says whether it is the turn of calls that end at so many per second. */
type IsTurn = (endingsPerSecond: number) => boolean;

/**
 * Turns come when the calls have probably waited for as long as a request is worth: at rate r, each
 * √(2 · patience / r). In powers of two, so that turns of several coincide and rates that move a little
 * move none; by the clock, so that nothing is to be remembered but the poll before.
 */
function turns(settings: ConnectionSettings, before: Date, now: Date): IsTurn {
  return (endingsPerSecond) => {
    const seconds = Math.sqrt((2 * patienceOf(settings)) / endingsPerSecond);
    const everyMs = 2 ** Math.round(Math.log2(seconds)) * SECOND_MS;
    return Math.floor(now.getTime() / everyMs) > Math.floor(before.getTime() / everyMs);
  };
}

const ageSeconds = (since: string, now: Date): number =>
  Math.max(1, (now.getTime() - Date.parse(since)) / SECOND_MS);

/**
 * How many pages to read: as far as the last whose turn it is. Fewer open calls than two are read by their
 * ids instead, and behind the oldest there are none.
 */
function pagesToRead(
  { rateAt, longerThan }: Outlook,
  { busy: { pageMs }, open }: { busy: Busy; open: PollState['open'] },
  { pageSize, isTurn, now }: { pageSize: number; isTurn: IsTurn; now: Date },
): number {
  const pageSeconds = pageMs / SECOND_MS;
  const rate = rateAt(now.getTime());
  const oldest = Math.max(0, ...open.map(({ since }) => ageSeconds(since, now)));
  const isWorthIt = (page: number) =>
    oldest > (page - 1) * pageSeconds && pageSize * longerThan((page - 0.5) * pageSeconds) > 1;
  let pages = 1;
  for (let page = 2; isWorthIt(page); page += 1) {
    const share = longerThan((page - 1) * pageSeconds) - longerThan(page * pageSeconds);
    if (isTurn(rate * share)) pages = page;
  }
  return pages;
}

/**
 * The window of a walk. Where one page shows the whole look-back, that: from the last proof of
 * completeness, and a look-back before now.
 *
 * Where it takes several, most walks read one page, which shows what is new and most of what ends.
 * Further back each page, and each open call, has its turn when what is expected to have ended there
 * unseen is worth a request; and all of the look-back has, for what became visible late.
 */
export function reachOf(
  { detail, list }: Provider,
  state: PollState,
  settings: ConnectionSettings,
  now: Date,
): Reach {
  const { busy, open, openFrom, watermark } = state;
  const ago = (ms: number): string => addMs(now, -ms).toISOString();
  const reach = (due: Reach['due'], deep: boolean, from: (string | null)[]): Reach => {
    // Without a page that reads one call by its id, only the list shows what became of open calls.
    const first = earliest([...from, ...(detail ? [] : due.map(({ since }) => since))]);
    return { window: { from: new Date(first ?? now), to: now }, deep, due };
  };
  if (busy === null || ago(DEEP_EVERY_MS) >= busy.deepAt) {
    return reach(open, true, [watermark, ago(lookBackOf(state)), openFrom]);
  }
  const outlook = outlookOf(state);
  const isTurn = turns(settings, new Date(busy.readUntil), now);
  const pages = pagesToRead(outlook, { busy, open }, { pageSize: list.maxPageSize, isTurn, now });
  const backMs = Math.max(SHORTEST_MS, (pages - 1 + PAGE_SHARE) * busy.pageMs);
  const due = open.filter(({ since }) => isTurn(outlook.endingAt(ageSeconds(since, now))));
  return reach(due, false, [busy.readUntil, ago(Math.min(lookBackOf(state), backMs))]);
}

/**
 * What is known of a busy list after a complete walk; null where one page shows the whole look-back.
 * It moves with changes only: a poll that finds nothing writes nothing, and the next reaches as far.
 */
export function nextBusy(
  { busy }: PollState,
  { matching, window }: Walk,
  { reach, pageSize, changed }: { reach: Reach; pageSize: number; changed: boolean },
  now: Date,
): PollState['busy'] {
  if (window === undefined || window.to < now) return busy;
  const instant = now.toISOString();
  if (!reach.deep) return busy && changed ? { ...busy, readUntil: instant } : busy;
  if (matching === undefined || matching <= pageSize) return null;
  if (busy && !changed) return busy;
  const walkedMs = now.getTime() - window.from.getTime();
  const pageMs = Math.max(1, Math.floor((walkedMs * pageSize) / matching));
  return { deepAt: instant, readUntil: instant, pageMs };
}
