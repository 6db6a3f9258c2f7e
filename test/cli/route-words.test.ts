import { describe, expect, it } from 'vitest';
import { explanationLines, toldInWords, wantedInWords } from '../../lib/cli/route-words.ts';
import type { Wanted } from '../../lib/config/condition.ts';

describe('what a condition asks for, in words', () => {
  it.each<[Wanted, string]>([
    ['busy', '"busy"'],
    [['busy', 3], 'one of "busy", "3"'],
    [{ not: ['a', 'b'] }, 'anything but one of "a", "b"'],
    [{ gte: 30, lessThan: 60 }, 'at least 30 and less than 60'],
    [
      { gt: 1, lte: 2, atLeast: 0, lt: 9 },
      'more than 1 and at most 2 and at least 0 and less than 9',
    ],
    [{ exists: true, prefix: '+1' }, 'any value and a start with "+1"'],
    [{ exists: false }, 'no value'],
    [{ not: { prefix: ['a', 'b'] } }, 'anything but a start with one of "a", "b"'],
  ])('%j', (wanted, words) => {
    expect(wantedInWords(wanted)).toBe(words);
  });
});

describe('an explanation in words', () => {
  it('has a line for each route', () => {
    const because = (found: unknown) => ({ field: 'changes', wanted: 'summary', found });
    const routes = [
      { route: 'a', matched: false, because: because(undefined), to: ['x'] },
      { route: 'bb', matched: true, to: [] },
      { route: 'c', matched: true, endedBy: 'bb', to: ['x'] },
      {
        route: 'd',
        matched: false,
        because: because(['to', '\u001b[2J']),
        endedBy: 'bb',
        to: ['x'],
      },
    ];

    expect(explanationLines({ destinations: [], leftOut: 'ops', routes })).toEqual([
      'a   did not match: changes is not there, and it asks for "summary"',
      'bb  matched: tells nobody',
      'c   not tried, since bb ended it; the event is what it asks for',
      'd   not tried, since bb ended it; changes is "to", "·[2J", and it asks for "summary"',
      'ops is left out: the event is about itself.',
    ]);
  });

  it('says that there are no routes', () => {
    expect(explanationLines({ destinations: [], routes: [] })).toEqual(['There are no routes.']);
    expect(toldInWords([])).toBe('nobody');
  });
});
