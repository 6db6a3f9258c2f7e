import { describe, expect, it } from 'vitest';
import { attentionLines } from '../../lib/cli/attention.ts';
import { checkRedrive, type RedriveOptions } from '../../lib/cli/redrive.ts';

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
