import type { Provider } from '../providers/provider.ts';
import type { ListMemory } from './list-memory.ts';
import type { ListOrder } from './list-order.ts';
import { type ListReader, listReader, type RowsRead } from './list-reader.ts';
import { datesOf, endsBefore, type Run, readRun, slackOf } from './read-run.ts';
import { sameIds, type Walk, type WalkDeps, type Window } from './walk-list.ts';

/** A walk over the recent part of a list, and what to remember for the next. */
export interface RecentWalk extends Walk {
  readonly memory: ListMemory;
}

interface Task {
  readonly reader: ListReader;
  readonly memory: ListMemory;
  readonly asked: Window;
  readonly now: Date;
}

const NOTHING_KNOWN: ListMemory = { order: null, place: 0, gap: null };

const idsOf = ({ rows }: Run): Set<string> => new Set(rows.map(({ id }) => id));

/** Reads again what could not be proven to be whole: two readings that saw the same are proof as well. */
async function isWhole(run: Run, again: () => Promise<Run>): Promise<boolean> {
  if (run.proven) return true;
  const second = await again();
  if (second.end !== run.end) return false;
  return second.proven || sameIds(idsOf(run), idsOf(second));
}

function walked({ asked, now }: Task, run: Run, complete: boolean, memory: ListMemory): RecentWalk {
  const { order, rows } = run;
  const from = asked.from.getTime();
  const isCounted = order !== null && order.direction !== 'none' && memory.gap === null;
  return {
    complete,
    outOfTime: run.end === 'out of time',
    window: asked,
    matching: isCounted
      ? datesOf(rows, order, now).filter((instant) => instant >= from).length
      : undefined,
    memory,
  };
}

/** A walk from the newest call back that had to stop: the rest is left for the next. */
function cutShort(task: Task, run: Run, from: Date): RecentWalk {
  const { reader, memory, now } = task;
  const { order, place, proven } = run;
  if (order?.direction === 'none' && reader.canJump) {
    return walked(task, run, false, { order, place, gap: null });
  }
  const reached = order && Math.min(...datesOf(run.rows, order, now));
  if (!reached || !Number.isFinite(reached) || !proven || !reader.canJump) {
    return walked(task, run, false, { ...memory, order });
  }
  const gap = { from: from.toISOString(), to: new Date(reached).toISOString() };
  return walked(task, run, true, { order, place, gap });
}

/** Reads the part that earlier walks had no time for, from a place that they did see. */
async function fillGap(task: Task, gap: NonNullable<ListMemory['gap']>): Promise<RecentWalk> {
  const { reader, memory, now } = task;
  const [from, to] = [new Date(gap.from), new Date(gap.to)];
  let place = memory.place;
  let first: RowsRead | undefined;
  // New rows push those of the gap on, deleted ones let them move up.
  for (let step = 1; place > 0; step *= 2) {
    place = Math.max(0, memory.place - reader.pageSize * step);
    first = await reader.read(place);
    const newest = first && memory.order && Math.max(...datesOf(first.facts, memory.order, now));
    if (!first || (newest ?? 0) >= to.getTime()) break;
  }
  const run = await readRun(
    reader,
    { place, first, expected: memory.order },
    (order, rows) => {
      if (order?.direction !== 'newest-first') return 'other order';
      return endsBefore(rows, from, order, now) ? 'reached' : 'go on';
    },
    now,
  );
  const { order } = run;
  if (run.end === 'other order') return walked(task, run, false, { ...NOTHING_KNOWN, order });
  if (run.end === 'out of time') {
    // Nothing was read: there is as much to do as before.
    return run.rows.length === 0 ? walked(task, run, true, memory) : cutShort(task, run, from);
  }
  return walked(task, run, true, run.proven ? { order, place: 0, gap: null } : memory);
}

/**
 * From the first row on: to where the recent calls end if the newest come first, else to the end of the
 * list. Returns the order instead if the list is better read from its end.
 */
async function walkDown(
  task: Task,
  { whole }: { whole: boolean },
): Promise<RecentWalk | ListOrder> {
  const { reader, memory, asked, now } = task;
  const { gap } = memory;
  // Older rows were shown before, or lie in the gap.
  const until = gap && new Date(gap.to) > asked.from ? new Date(gap.to) : asked.from;
  const place = memory.order?.direction === 'none' ? memory.place : 0;
  const read = () =>
    readRun(
      reader,
      { place, expected: memory.order },
      (order, rows) => {
        if (whole) return 'go on';
        if (order?.direction === 'oldest-first' && reader.canJump) return 'other order';
        const isRead = order?.direction === 'newest-first' && endsBefore(rows, until, order, now);
        return isRead ? 'reached' : 'go on';
      },
      now,
    );
  const run = await read();
  const { order } = run;
  if (run.end === 'other order' && order) return order;
  if (run.end === 'out of time') {
    const from = gap && new Date(gap.from) < asked.from ? new Date(gap.from) : asked.from;
    return cutShort(task, run, from);
  }
  const complete = await isWhole(run, read);
  if (gap && complete && run.end === 'reached') return fillGap(task, gap);
  return walked(task, run, complete, { order, place: 0, gap: complete ? null : gap });
}

/** Whether the recent calls of a list that shows the oldest first begin in a page. */
function fitOf(
  read: RowsRead,
  order: ListOrder,
  { asked, now }: Task,
): 'too early' | 'fits' | 'too late' {
  const instants = datesOf(read.facts, order, now);
  const [first] = instants;
  const isNewer = first === undefined || first >= asked.from.getTime() - slackOf(order);
  if (read.start > 0 && isNewer) return 'too late';
  if (read.isLast) return 'fits';
  return endsBefore(read.facts, asked.from, order, now) ? 'too early' : 'fits';
}

/** The page of an oldest-first list in which the recent calls begin; undefined when time is up. */
async function findRecent(task: Task, order: ListOrder): Promise<RowsRead | undefined> {
  const { reader, memory } = task;
  let early: number | undefined;
  let late: number | undefined;
  let { place } = memory;
  for (let step = reader.pageSize; ; step *= 2) {
    const read = await reader.read(place);
    if (!read) return undefined;
    const fit = fitOf(read, order, task);
    if (fit === 'fits') return read;
    if (fit === 'too early') early = read.end - 1;
    else late = read.start;
    if (early === undefined) place = Math.max(0, read.start - step);
    else if (late === undefined) place = read.start + step;
    else if (late - early <= reader.pageSize) return reader.read(early);
    else place = Math.floor((early + late) / 2);
  }
}

/** The end of a list that shows the oldest calls first; undefined if it turns out that it does not. */
async function walkEnd(task: Task, order: ListOrder): Promise<RecentWalk | undefined> {
  const { reader, memory, asked, now } = task;
  const first = await findRecent(task, order);
  if (!first) {
    return { complete: false, outOfTime: true, window: asked, matching: undefined, memory };
  }
  const read = (given?: RowsRead) =>
    readRun(
      reader,
      { place: first.start, first: given, expected: order },
      (shown) => (shown?.direction === 'oldest-first' ? 'go on' : 'other order'),
      now,
    );
  const run = await read(first);
  if (run.end === 'other order') return undefined;
  const next: ListMemory = { order: run.order, place: first.start, gap: null };
  if (run.end === 'out of time') {
    const newest = Math.max(0, ...datesOf(run.rows, order, now));
    const window = { from: asked.from, to: new Date(newest - slackOf(order)) };
    return { ...walked(task, run, run.proven && window.to > window.from, next), window };
  }
  // Rows were deleted, so that the list ends before the place where recent calls were.
  const isBeyond = first.facts.length === 0 && first.start > 0;
  const complete = !isBeyond && (await isWhole(run, read));
  return walked(task, run, complete, isBeyond ? { ...next, place: 0 } : next);
}

/**
 * Reads the recent part of a list that has no time filter: the part that a filter would have shown.
 * How the list is ordered is found out from its rows, anew at each walk; what has no order that is
 * known to us is read whole.
 */
export async function walkRecent(
  provider: Provider,
  asked: Window,
  memory: ListMemory,
  deps: WalkDeps,
): Promise<RecentWalk> {
  const task: Task = { reader: listReader(provider, deps), memory, asked, now: deps.now() };
  const afresh: Task = { ...task, memory: NOTHING_KNOWN };
  const { order } = memory;
  const isFromEnd = order?.direction === 'oldest-first' && task.reader.canJump;
  const walk = isFromEnd ? await walkEnd(task, order) : undefined;
  if (walk) return walk;
  const down = await walkDown(isFromEnd ? afresh : task, { whole: false });
  if ('memory' in down) return down;
  const end = await walkEnd(afresh, down);
  if (end) return end;
  const whole = await walkDown(afresh, { whole: true });
  if ('memory' in whole) return whole;
  throw new Error('A list that is read whole has no other order');
}
