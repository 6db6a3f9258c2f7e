import type { FaultKind } from './fault-kinds.ts';

/** A test that is to fail where a bug is planted. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** A bug to be planted: one replacement in one file. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What has to go wrong besides, so that the bug shows: only seeds that have all of it are tried. */
  readonly needs?: readonly FaultKind[];
  /** Tests that see it, where worlds show it too seldom: then these are run, and no seeds. */
  readonly tests?: readonly NamedTest[];
}

/** The bugs that pollers have. A checker that does not see each of them is worth nothing. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no open-call memory',
    file: 'lib/polling/next-state.ts',
    find: 'const { open, openFrom } = boundOpen(poll.open.values());',
    replace: 'const { open, openFrom } = boundOpen([]);',
  },
  {
    name: 'absence as deletion',
    file: 'lib/polling/read-remembered.ts',
    find: '  const unseen = dueOpen.filter(({ id }) => open.has(id) && !looked.has(id));',
    replace:
      '  for (const id of open.keys()) if (!looked.has(id)) open.delete(id);\n  const unseen: typeof dueOpen = [];',
  },
  {
    name: 'state saved before records',
    file: 'lib/polling/poll-connection.ts',
    find: '  const seen = await look(poll, state, start);',
    replace:
      '  await saveMemory(settings.id, memory, { ...state, watermark: start.toISOString() }, { recents: undefined, settled: poll.settled }, deps);\n  const seen = await look(poll, state, start);',
  },
  {
    name: 'watermark past now',
    file: 'lib/polling/window.ts',
    find: 'return isFar ? new Date(reached).toISOString() : state.watermark;',
    replace: 'return isFar ? new Date(now.getTime() + 3_600_000).toISOString() : state.watermark;',
  },
  {
    name: 'no overlap',
    file: 'lib/polling/window.ts',
    find: '  Math.max(lookBackMs, minLookBackMs);',
    replace: '  0 * Math.max(lookBackMs, minLookBackMs);',
  },
  {
    name: 'silence inferred late',
    file: 'lib/calls/version.ts',
    find: '  const end = isFinal(seen.call) ? latestEnd(seen) : null;',
    replace: '  const end = latestEnd(seen);',
  },
  {
    name: 'no baseline',
    file: 'lib/calls/version.ts',
    find: '  return { silent: late || beforeBaseline, late };',
    replace: '  return { silent: late && beforeBaseline, late };',
  },
  {
    name: 'stale page wins',
    file: 'lib/calls/version.ts',
    find: '  if (isFinal(stored.call) && !isFinal(seen.call)) return undefined;',
    replace: '',
  },
  {
    name: 'the older look wins',
    file: 'lib/calls/version.ts',
    find: '  if (seen.seenAt <= stored.seenAt) return undefined;',
    replace: '',
  },
  {
    name: 'Retry-After ignored',
    file: 'lib/polling/ask-provider.ts',
    find: '        const waitMs = error.retryAfterMs ?? settings.poll.every;',
    replace: '        const waitMs = settings.poll.every;',
  },
  {
    name: 'a date in Retry-After ignored',
    file: 'lib/http.ts',
    find: '  return Number.isNaN(until) ? undefined : withinADay(until - now.getTime());',
    replace: '  return Number.isNaN(until) ? undefined : 0;',
  },
  {
    name: 'unknown word as failed',
    file: 'lib/calls/call.ts',
    find: "  unknown: 'open',",
    replace: "  unknown: 'failed',",
  },
  {
    name: 'conflict overwrites state',
    file: 'lib/polling/poll-memory.ts',
    find: '    merged = mergeStates(theirs.state, next, settled);',
    replace: '    merged = next;',
  },
  {
    name: 'stop at the first known row',
    file: 'lib/polling/look.ts',
    find: `      await readPage(poll, page, answer);
      return { stop: false };`,
    replace: `      const before = counts.changed;
      await readPage(poll, page, answer);
      return { stop: counts.changed === before };`,
  },
  {
    name: 'strict > at the boundary',
    file: 'lib/polling/reach.ts',
    find: '    return { window: { from: new Date(first ?? now), to: now }, deep, due };',
    replace:
      '    return { window: { from: addMs(new Date(first ?? now), 1), to: now }, deep, due };',
  },
  {
    name: 'future timestamp moves the watermark',
    file: 'lib/polling/next-state.ts',
    find: '      watermark: nextWatermark(before, proof, { changed, now }),',
    replace:
      '      watermark: [before.watermark, ...[...poll.open.values()].map(({ since }) => since)].sort().at(-1) ?? before.watermark,',
  },
  {
    name: 'where open calls begin trusted after a partial walk',
    file: 'lib/polling/next-state.ts',
    find: '    openFrom: isWhole && isOpenShown ? openFrom : earliest([openFrom, before.openFrom]),',
    replace: '    openFrom,',
  },
  {
    name: 'more open calls than fit are forgotten',
    file: 'lib/polling/poll-state.ts',
    find: '  return { open: open.slice(0, MAX_OPEN), openFrom: open[MAX_OPEN]?.since ?? null };',
    replace: '  return { open: open.slice(0, MAX_OPEN), openFrom: null };',
  },
  {
    name: 'rows known before they are recorded',
    file: 'lib/polling/read-calls.ts',
    find: '  const seen = observe(poll, row, answer, print);',
    replace: '  poll.recents.set(id, print);\n  const seen = observe(poll, row, answer, print);',
  },
  {
    name: 'an id made of when it was seen',
    file: 'lib/events/announcements.ts',
    find: '    id: announcementId(call, type, about.revision),',
    replace: '    id: stableId(call.connection, call.id, type, stored.seenAt),',
  },
  {
    name: 'partial success of the bus taken for success',
    file: 'lib/events/publish-transitions.ts',
    find: '  return first?.position ?? unreadable;',
    replace: '  return unreadable;',
  },
  {
    name: 'a bad record ends the page',
    file: 'lib/providers/provider.ts',
    find: '          listed: records.filter(isListed),',
    replace: '          listed: records.some(isRejected) ? [] : records.filter(isListed),',
  },
  {
    name: 'one page is the list',
    file: 'lib/polling/walk-list.ts',
    find: `    if (page.next === undefined) return { ids, rows, pages, matching, end: 'end of list' };`,
    replace: `    return { ids, rows, pages, matching, end: 'end of list' };`,
  },
  {
    name: 'order trusted',
    file: 'lib/polling/list-order.ts',
    find: `  if (!isInPlace || !isConcordant(regular)) return none;
  return { direction: aheadMs < behindMs ? 'newest-first' : 'oldest-first', by, slackMs };`,
    replace: `  return { direction: 'newest-first', by, slackMs: 0 };`,
  },
  {
    name: 'walk not resumed',
    file: 'lib/polling/next-state.ts',
    find: '  const proof = walk?.complete && poll.faults.length === 0 ? walk : undefined;',
    replace: '  const proof = walk;',
  },
  {
    name: 'a walk that pages shifted under is taken for complete',
    file: 'lib/polling/walk-list.ts',
    find: '  if (pass.pages === 1 || pass.ids.size === pass.matching) {',
    replace: '  if (pass.pages >= 1) {',
  },
];
