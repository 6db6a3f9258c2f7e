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
  /** Whether only seeds that last for days can show it. */
  readonly needsDays?: true;
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
    needs: ['call: open for hours'],
  },
  {
    name: 'absence as deletion',
    file: 'lib/polling/read-remembered.ts',
    find: '  const unseen = dueOpen.filter(({ id }) => open.has(id) && !looked.has(id));',
    replace:
      '  for (const id of open.keys()) if (!looked.has(id)) open.delete(id);\n  const unseen: typeof dueOpen = [];',
    needs: ['call: open for hours', 'pages: small'],
  },
  {
    name: 'state saved before records',
    file: 'lib/polling/poll-connection.ts',
    find: '  const seen = await look(poll, state, start);',
    replace: `  const early = { ...state, watermark: start.toISOString() };
  await saveMemory(settings.id, memory, early, { recents: undefined, settled: poll.settled }, deps);
  const seen = await look(poll, state, start);
  Object.assign(state, early, { version: state.version + 1 });`,
    needs: ['outage of six hours'],
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
    tests: [
      {
        file: 'test/calls/version.test.ts',
        name: 'is not made of an observation that is older than, or as old as, what is stored',
      },
    ],
  },
  {
    name: 'Retry-After ignored',
    file: 'lib/polling/ask-provider.ts',
    find: '        const waitMs = error.retryAfterMs ?? settings.poll.every;',
    replace: '        const waitMs = settings.poll.every;',
    needs: ['answer: 429 with seconds'],
  },
  {
    name: 'a date in Retry-After ignored',
    file: 'lib/http.ts',
    find: '  return Number.isNaN(until) ? undefined : withinADay(until - now.getTime());',
    replace: '  return Number.isNaN(until) ? undefined : 0;',
    needs: ['answer: 429 with a date'],
  },
  {
    name: 'unknown word as failed',
    file: 'lib/calls/call.ts',
    find: "  unknown: 'open',",
    replace: "  unknown: 'failed',",
    needs: ['call: unknown word while open'],
  },
  {
    name: 'conflict overwrites state',
    file: 'lib/polling/poll-memory.ts',
    find: '    merged = mergeStates(theirs.state, next, settled, before.state);',
    replace: '    merged = next;',
    needs: ['tick: duplicated'],
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
    needs: ['call: with a time to come'],
  },
  {
    name: 'where open calls begin trusted after a partial walk',
    file: 'lib/polling/next-state.ts',
    find: '    openFrom: isWhole && isOpenShown ? openFrom : earliest([openFrom, before.openFrom]),',
    replace: '    openFrom,',
    tests: [
      {
        file: 'test/polling/poll-connection.test.ts',
        name: 'are all told of when they end, also where a poll in between could not read that busy list',
      },
    ],
  },
  {
    name: 'more open calls than fit are forgotten',
    file: 'lib/polling/poll-state.ts',
    find: '  return { open: open.slice(0, MAX_OPEN), openFrom: open[MAX_OPEN]?.since ?? null };',
    replace: '  return { open: open.slice(0, MAX_OPEN), openFrom: null };',
    needs: ['call: one of many open'],
  },
  {
    name: 'rows known before they are recorded',
    file: 'lib/polling/read-calls.ts',
    find: '  const seen = observe(poll, row, answer, print);',
    replace: '  poll.recents.set(id, print);\n  const seen = observe(poll, row, answer, print);',
    needs: ['store: fails before it commits', 'process: poll dies'],
  },
  {
    name: 'an id made of when it was seen',
    file: 'lib/events/announcements.ts',
    find: '    id: announcementId(call, type, about.revision),',
    replace: '    id: stableId(call.connection, call.id, type, stored.seenAt),',
    needs: ['stream: batch given up', 'call: late summary'],
  },
  {
    name: 'partial success of the bus taken for success',
    file: 'lib/events/publish-transitions.ts',
    find: '  return first?.position ?? unreadable;',
    replace: '  return unreadable;',
    needs: ['bus: takes some'],
  },
  {
    name: 'a bad record ends the page',
    file: 'lib/providers/provider.ts',
    find: '          listed: records.filter(isListed),',
    replace: '          listed: records.some(isRejected) ? [] : records.filter(isListed),',
    needs: ['call: malformed, with an id'],
  },
  {
    name: 'one page is the list',
    file: 'lib/polling/walk-list.ts',
    find: `    if (page.next === undefined) return { ids, rows, pages, matching, end: 'end of list' };`,
    replace: `    return { ids, rows, pages, matching, end: 'end of list' };`,
    needs: ['pages: small'],
  },
  {
    name: 'order trusted',
    file: 'lib/polling/list-order.ts',
    find: `  if (!isInPlace || !isConcordant(regular)) return none;
  return { direction: aheadMs < behindMs ? 'newest-first' : 'oldest-first', by, slackMs };`,
    replace: `  return { direction: 'newest-first', by, slackMs: 0 };`,
    needs: ['list: long history', 'order: oldest first'],
  },
  {
    name: 'walk not resumed',
    file: 'lib/polling/walk-recent.ts',
    find: '  return walked(task, run, true, { order, place, gap });',
    replace: '  return walked(task, run, true, { order, place, gap: null });',
    tests: [
      {
        file: 'test/polling/without-window.test.ts',
        name: 'is read on where a walk had no time left, while new calls are told at once',
      },
    ],
  },
  {
    name: 'a walk that proves nothing moves the watermark',
    file: 'lib/polling/next-state.ts',
    find: '  const proof = walk?.complete && poll.faults.length === 0 ? walk : undefined;',
    replace: '  const proof = walk;',
    tests: [
      {
        file: 'test/polling/poll-connection.test.ts',
        name: 'does not keep the others from being told of, and is seen to',
      },
    ],
  },
  {
    name: 'a walk that pages shifted under is taken for complete',
    file: 'lib/polling/walk-list.ts',
    find: '  if (pass.pages === 1 || pass.ids.size === pass.matching) {',
    replace: '  if (pass.pages >= 1) {',
    tests: [
      {
        file: 'test/polling/poll-connection.test.ts',
        name: 'because a row was deleted is noticed, and the list is walked again',
      },
    ],
  },
  {
    name: 'a sweep looks back for a day only',
    file: 'lib/ranges/range-job.ts',
    find: 'const SPAN_MS = { daily: 2 * DAY_MS,',
    replace: 'const SPAN_MS = { daily: DAY_MS,',
    needs: ['call: listed hours late'],
    needsDays: true,
  },
  {
    name: 'a sweep does not wait when it is told to',
    file: 'lib/ranges/work-on-range.ts',
    find: '  if (waitMs > 0) return deps.send(message, Math.min(MAX_DELAY_MS, waitMs));',
    replace: '',
    needs: ['answer: 429 with seconds', 'sweep: message twice'],
  },
  {
    name: 'what a sweep has written is hidden from hot polls',
    file: 'lib/ranges/tell-hot-polling.ts',
    find: '  for (const id of rewritten) prints.forget(id);',
    replace: '',
    tests: [
      {
        file: 'test/ranges/sweep.test.ts',
        name: 'leaves hot polling able to see that a call goes back to what it last saw of it',
      },
    ],
  },
  {
    name: 'a list that shifted between two messages is read on',
    file: 'lib/ranges/page-slice.ts',
    find: '      isShifted = begin.restarts < MAX_RESTARTS && hasGap(begin, page);',
    replace: '      isShifted = false;',
    tests: [
      {
        file: 'test/ranges/sweep.test.ts',
        name: 'is read from its beginning when it shifted by more than a page between two messages',
      },
    ],
  },
  {
    name: 'what a detail told hides that the row tells otherwise',
    file: 'lib/calls/version.ts',
    find: 'rowPrint: seen.rowPrint ?? (changes.some(isOfRow) ? null : stored.rowPrint),',
    replace: 'rowPrint: seen.rowPrint ?? stored.rowPrint,',
    tests: [
      {
        file: 'test/polling/poll-connection.test.ts',
        name: 'that tells of another outcome does not hide that its row goes on telling of the first',
      },
    ],
  },
];
