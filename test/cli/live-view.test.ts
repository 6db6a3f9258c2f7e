import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  frameLines,
  happeningLine,
  timeOfDay,
  timeSince,
  type ViewFrame,
} from '../../lib/cli/live-view.ts';
import { callEvent } from '../delivery/events.ts';
import { deliveryLine, eventTap, itemTap, logTap, NOW, pollLine, stored, tallyOf } from './taps.ts';

const FRAME: ViewFrame = {
  title: 'demo: provider and Slack are simulated',
  now: NOW,
  startedAt: NOW - 12_000,
  seconds: 40,
  step: undefined,
  timeOf: timeSince(NOW - 12_000),
  columns: 80,
  rows: 24,
};

const NAMES = [
  'Support Agent',
  'وكيل الحجز',
  'Sales 🚀',
  '李小龍的代理人',
  'Zoë 👩‍🚀 Ortega',
  'x'.repeat(500),
];

/** Columns as terminals count them: two for what is wide, one for any other character a person sees. */
const widthOf = (line: string): number =>
  [...new Intl.Segmenter().segment(line)].reduce(
    (width, { segment }) =>
      width + (/\p{Emoji_Presentation}|\p{Script=Han}/u.test(segment) ? 2 : 1),
    0,
  );

const busy = () =>
  tallyOf([
    logTap(pollLine()),
    ...Array.from({ length: 60 }, (_, index) =>
      itemTap(stored({ id: `c${index}`, agent: { id: null, name: NAMES[index % 6] ?? '' } })),
    ),
    eventTap(callEvent()),
    logTap(deliveryLine()),
  ]);

const shown = (...args: Parameters<typeof frameLines>) =>
  frameLines(...args).map((line) => stripVTControlCharacters(line));

describe('the live view', () => {
  it.each([
    [80, 24],
    [110, 34],
    [60, 16],
  ])('fits a terminal of %i by %i, whatever is in it', (columns, rows) => {
    const lines = shown(busy(), { ...FRAME, columns, rows });

    expect(lines.length).toBeLessThan(rows);
    for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
  });

  it('uses the room of a larger terminal for more of what happened', () => {
    const count = (rows: number) => shown(busy(), { ...FRAME, rows }).length;

    expect(count(34) - count(24)).toBe(10);
  });

  it('has title and time on 80 columns, and never more time than there is', () => {
    expect(shown(busy(), FRAME)[0]).toBe(
      '   callwire  0:12 of 0:40 · demo: provider and Slack are simulated',
    );
    expect(shown(busy(), { ...FRAME, now: NOW + 60_000 })[0]).toContain('0:40 of 0:40');
    expect(shown(busy(), { ...FRAME, seconds: undefined })[0]).toContain('0:12 · Ctrl-C to stop');
  });

  it('tells a newcomer what there is to see before anything happened', () => {
    const text = shown(tallyOf([]), FRAME).join('\n');

    expect(text).toContain('provider’s list → one record per call → event on the bus');
    expect(text).toContain('nobody has answered yet');
    expect(text).toContain('nothing yet');
    expect(text).toContain('nobody yet');
  });

  it('adds up what was watched, announced and told', () => {
    const tally = tallyOf([
      logTap(pollLine()),
      itemTap(stored({ id: 'a' })),
      itemTap(stored({ id: 'b', outcome: 'failed', status: 'failed' })),
      itemTap(stored({ id: 'c', outcome: 'open', status: 'in_progress' })),
      itemTap(stored({ id: 'd' }, { silent: true })),
      eventTap(callEvent()),
      logTap(deliveryLine()),
    ]);

    expect(shown(tally, { ...FRAME, now: NOW + 3_000 }).slice(3, 7)).toEqual([
      '  Watched    clinic-riyadh (hamsa): all well · 1 poll, last 3 s ago',
      '  Calls      1 going on · 1 completed · 1 failed · 1 earlier, not announced',
      '  Announced  1 call.completed',
      '  Told       ops 1',
    ]);
  });

  it('shows trouble and waiting', () => {
    const tally = tallyOf([
      logTap(pollLine({ ok: false, reason: 'key_refused' })),
      logTap(deliveryLine({ state: 'waiting', reason: 'rate_limited' })),
    ]);
    const text = shown(tally, FRAME).join('\n');

    expect(text).toContain('clinic-riyadh (hamsa): key refused');
    expect(text).toContain('1 waiting for their turn');
    expect(text).toMatch(/trouble +clinic-riyadh: key refused; it will be tried again/);
    expect(text).toMatch(/waiting +ops: rate limited/);
  });

  it('names the columns of its lines, which begin with the time that the head counts', () => {
    const lines = shown(tallyOf([itemTap(stored({ id: 'call-a1b2c3', outcome: 'open' }))]), FRAME);

    expect(lines.slice(-2)).toEqual([
      '   time  what       call    in words',
      '   0:12  seen       a1b2c3  completed at clinic-riyadh · Support Agent',
    ]);
  });

  it('can tell the time of the day instead', () => {
    const [seen] = tallyOf([itemTap(stored())]).happenings;

    expect(timeOfDay(NOW)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(seen && happeningLine(seen, timeOfDay)).toContain(timeOfDay(NOW));
  });

  it('gives a second line to destinations that one has no room for', () => {
    const destinations = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(20));
    const tally = tallyOf(destinations.map((destination) => logTap(deliveryLine({ destination }))));
    const lines = shown(tally, FRAME);
    const at = lines.findIndex((line) => line.startsWith('  Told'));

    expect(lines.slice(at, at + 3)).toEqual([
      `  Told       ${'a'.repeat(20)} 1 · ${'b'.repeat(20)} 1`,
      `             ${'c'.repeat(20)} 1 · ${'d'.repeat(20)} 1`,
      '',
    ]);
  });

  it('shows the ill ones first of many connections, and stays small', () => {
    const polls = Array.from({ length: 50 }, (_, index) =>
      logTap(pollLine({ connection: `c${index}`, ok: index !== 49, reason: 'unreachable' })),
    );
    const lines = shown(tallyOf(polls), FRAME);

    expect(lines[3]).toContain('c49 (hamsa): unreachable');
    expect(lines.join('\n')).toContain('and 46 more, all well');
    expect(lines.length).toBeLessThan(FRAME.rows);
  });

  it('says what is going on besides watching', () => {
    expect(shown(busy(), { ...FRAME, step: 'letting arrive what is under way' })[1]).toBe(
      '  letting arrive what is under way',
    );
  });
});
