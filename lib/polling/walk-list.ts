import { ContractError } from '../errors.ts';
import type { JsonAnswer } from '../http.ts';
import type { Cursor, ListQuery, Page, Provider, ProviderRequest } from '../providers/provider.ts';
import type { Clock } from '../time.ts';

/** Past this, a list is longer than any page count we were told: it loops, or ignores its filter. */
const MAX_PAGES = 500;

const MIN_WINDOW_MS = 60_000;

/** A page of a list that takes longer does not come any more. */
export const LIST_TIMEOUT_MS = 20_000;

export interface Window {
  readonly from: Date;
  readonly to: Date;
}

export interface WalkDeps {
  /** Undefined: the time was up before there was an answer. */
  ask(request: ProviderRequest): Promise<JsonAnswer | undefined>;
  readonly now: Clock;
  /** When to stop, done or not. */
  readonly deadline: Date;
  /** Every call created before this was listed by an earlier walk. */
  readonly readUntil: Date;
  /** From 0 to 1. */
  random(): number;
  /** Rows that a walk may face before its window is halved. */
  readonly maxRows: number;
  /** Called for each page before the next is asked for, so that what was seen is safe. */
  onPage(page: Page, answer: JsonAnswer): Promise<{ stop: boolean }>;
}

export interface Walk {
  /** True when every row of the window was shown to this walk: proven by count, or by two walks alike. */
  readonly complete: boolean;
  /** True when the time was up before the end. */
  readonly outOfTime: boolean;
  /** The window that was walked: narrower than asked when it held too many rows. */
  readonly window: Window | undefined;
  /** How many rows the provider says are in it. */
  readonly matching: number | undefined;
}

interface Pass {
  readonly ids: ReadonlySet<string>;
  readonly rows: number;
  readonly pages: number;
  /** Undefined also when pages disagreed about it: then rows came or went on the way. */
  readonly matching: number | undefined;
  readonly end: 'end of list' | 'stopped' | 'out of time' | 'too many rows';
}

/** True when a provider says that there are more rows and yet ends its list after a full page. */
const isCapped = ({ end, rows, matching }: Pass, pageSize: number): boolean =>
  end === 'end of list' && rows > 0 && rows % pageSize === 0 && (matching ?? 0) > rows;

const lengthMs = ({ from, to }: Window): number => to.getTime() - from.getTime();

/**
 * Part of a window that holds too many rows. The older half, so that catching up gets on; but where much
 * of it was read to its end before, and is only looked at for what is still open, the rest may be next.
 */
function partOf(window: Window, { readUntil, random }: WalkDeps): Window {
  const { from, to } = window;
  const middle = new Date((from.getTime() + to.getTime()) / 2);
  const readMs = readUntil.getTime() - from.getTime();
  if (readMs > lengthMs(window) / 4 && random() < 0.5) {
    return { from: readUntil < middle ? readUntil : middle, to };
  }
  return { from, to: middle };
}

async function walkOnce(
  { list }: Provider,
  window: Window | undefined,
  deps: WalkDeps,
): Promise<Pass> {
  const ids = new Set<string>();
  const cursors = new Set<Cursor | undefined>();
  let rows = 0;
  let firstRows = 0;
  let counted: number | undefined;
  let cursor: Cursor | undefined;
  for (let pages = 1; pages <= MAX_PAGES; pages += 1) {
    if (deps.now() >= deps.deadline) {
      return { ids, rows, pages, matching: undefined, end: 'out of time' };
    }
    cursors.add(cursor);
    const query: ListQuery = { cursor, pageSize: list.maxPageSize, window };
    const answer = await deps.ask(list.request(query));
    if (answer === undefined) return { ids, rows, pages, matching: undefined, end: 'out of time' };
    const page = list.read(answer.body, rows, cursor);
    if (pages === 1) {
      counted = page.matching;
      firstRows = page.rows;
      const isTooMuch = window !== undefined && (counted ?? 0) > deps.maxRows;
      if (isTooMuch && lengthMs(window) > MIN_WINDOW_MS) {
        return { ids, rows, pages, matching: counted, end: 'too many rows' };
      }
    }
    const matching = page.matching === counted ? counted : undefined;
    counted = matching;
    rows += page.rows;
    const before = ids.size;
    for (const { facts } of page.listed) ids.add(facts.id);
    // A rejected record takes its row's place in the count, whether or not it told its id.
    for (const [index, { id }] of page.rejected.entries()) ids.add(id ?? `${pages}/${index}`);
    // Rows that shift repeat a few; a whole page of repeats is a list that does not turn its pages.
    if (ids.size === before && page.rows > 1 && page.rows >= firstRows) {
      throw new ContractError(`page ${cursor} shows only calls of the pages before it`);
    }
    const { stop } = await deps.onPage(page, answer);
    if (page.next === undefined) return { ids, rows, pages, matching, end: 'end of list' };
    if (stop) return { ids, rows, pages, matching, end: 'stopped' };
    if (cursors.has(page.next)) throw new ContractError(`page ${page.next} came round again`);
    cursor = page.next;
  }
  throw new ContractError(`the call list goes on after ${MAX_PAGES} pages`);
}

/** True when two readings of a list saw the same calls. */
export const sameIds = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && a.isSubsetOf(b);

/**
 * Reads a window of a call list from its first page to its last.
 *
 * Rows that are inserted or deleted between two pages shift the later ones, and a row can slip
 * through. So a walk counts: as many different calls as the provider says match means that all were
 * seen. Where the count is missing or wrong, the window is walked again, and two walks that saw the
 * same are taken as proof.
 */
export async function walkList(
  provider: Provider,
  window: Window | undefined,
  deps: WalkDeps,
): Promise<Walk> {
  let walked = window;
  let pass = await walkOnce(provider, walked, deps);
  const isTooMuch = () => pass.end === 'too many rows' || isCapped(pass, provider.list.maxPageSize);
  while (walked && isTooMuch() && lengthMs(walked) > MIN_WINDOW_MS) {
    walked = partOf(walked, deps);
    pass = await walkOnce(provider, walked, deps);
  }
  const result = (complete: boolean): Walk => ({
    complete,
    outOfTime: pass.end === 'out of time',
    window: walked,
    matching: pass.matching,
  });
  if (pass.end === 'stopped') return result(true);
  if (pass.end !== 'end of list') return result(false);
  // One page cannot shift against another.
  if (pass.pages === 1 || pass.ids.size === pass.matching) {
    return result(true);
  }
  const again = await walkOnce(provider, walked, deps);
  if (again.end === 'stopped') return result(true);
  return result(
    again.end === 'end of list' &&
      (again.ids.size === again.matching || sameIds(pass.ids, again.ids)),
  );
}
