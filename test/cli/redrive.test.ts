import { describe, expect, it } from 'vitest';
import { attentionLines } from '../../lib/cli/attention.ts';
import { checkRedrive, type RedriveOptions, redriveWords } from '../../lib/cli/redrive.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');

const options = (over: Partial<RedriveOptions>): RedriveOptions => ({
  ...{ config: 'callwire.yaml', data: '.callwire', all: false, state: ['parked'], json: false },
  ...over,
});

describe('a redrive', () => {
  it.each<[string, Partial<RedriveOptions>, string]>([
    ['says nothing of which', {}, '--id <event>'],
    ['says all and some', { all: true, destination: 'ops' }, '--all'],
    ['ends before it begins', { all: true, since: NOW, until: NOW }, '--since'],
  ])('is refused when it %s', (_case, over, word) => {
    expect(() => checkRedrive(options(over))).toThrow(word);
  });

  it.each<Partial<RedriveOptions>>([{ all: true }, { id: 'evt-1' }, { destination: 'ops' }])(
    'is begun when it says which: %o',
    (over) => {
      expect(() => checkRedrive(options(over))).not.toThrow();
    },
  );

  it.each([
    [{}, 'Nothing of that stands still.'],
    [{ found: 1, redriven: 1 }, '1 delivery was sent again.'],
    [{ found: 3, redriven: 3 }, '3 deliveries were sent again, in order.'],
    [
      { found: 4, redriven: 2, taken: 1, withoutEvent: 1 },
      '2 deliveries were sent again, in order; already on their way: 1; of a version that did not keep events: 1, whose calls callwire republish announces again.',
    ],
  ])('says what became of %o', (counts, words) => {
    const none = { found: 0, redriven: 0, taken: 0, withoutEvent: 0 };
    expect(redriveWords({ ...none, ...counts })).toBe(words);
  });
});

it('tells what needs attention in two lines each', () => {
  const entry = {
    state: 'parked',
    ...{ destination: 'ops', reason: 'is_archived', fix: 'Bring it back.' },
    ...{
      resumesByItself: false,
      count: 7,
      since: '2026-11-20T07:30:00.000Z',
      events: ['e1', 'e2'],
    },
  } as const;

  expect(attentionLines([entry], NOW)).toEqual([
    'ops: 7 parked (is_archived), the first for 2 h: e1, e2, …',
    '  Bring it back.',
  ]);
});
