import { describe, expect, it } from 'vitest';
import { orderOf } from '../../lib/cli/backfill.ts';
import { inWords, progressLine, resultLines, resultOf } from '../../lib/cli/backfill-report.ts';
import { UserError } from '../../lib/cli/failure.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { NO_COUNTS, newBackfill, type RangeJob } from '../../lib/ranges/range-job.ts';
import { NOW } from '../support/calls.ts';

const FROM = new Date('2026-10-01T00:00:00Z');
const TO = new Date('2026-11-01T00:00:00Z');
const OPTIONS = {
  from: FROM,
  to: TO,
  announce: 'none',
  config: 'callwire.yaml',
  data: '.callwire',
  dryRun: false,
  cancel: false,
  json: false,
} as const;

describe('what a backfill is asked for', () => {
  it('is taken as it is when it is whole', () => {
    expect(orderOf(OPTIONS, NOW)).toEqual({ from: FROM, to: TO, announce: 'none', dryRun: false });
  });

  it('needs no --announce to be estimated', () => {
    expect(orderOf({ ...OPTIONS, announce: undefined, dryRun: true }, NOW).dryRun).toBe(true);
  });

  it.each([
    ['--from', { from: undefined }],
    ['--to', { to: undefined }],
    ['--announce', { announce: undefined }],
    ['--from is not before', { to: FROM }],
    ['--from is 1026-', { from: new Date('1026-10-01T00:00:00Z') }],
    ['--to lies ahead', { to: new Date('2026-11-21T00:00:00Z') }],
  ])('is refused with what to write when %s is wrong', (says, wrong) => {
    const refused = () => orderOf({ ...OPTIONS, ...wrong }, NOW);

    expect(refused).toThrow(UserError);
    expect(refused).toThrow(says);
  });
});

const PACE = { pageSize: 200, apartMs: 2_000 };
const order = { from: FROM, to: TO, announce: 'none', dryRun: false } as const;
const job = (facts: Partial<RangeJob> = {}): RangeJob => ({
  ...newBackfill(order, undefined, hamsa.list, NOW),
  ...facts,
});

describe('progress', () => {
  it('is a share of the time, calls of about how many, and what is left', () => {
    const half = job({
      step: 7,
      expected: 31_000,
      counts: { ...NO_COUNTS, listed: 15_000 },
      position: { by: 'time', at: '2026-10-16T12:00:00.000Z', sliceMs: 1 },
    });
    const now = new Date(NOW.getTime() + 90_000);

    expect(progressLine(half, { ...PACE, now })).toBe(
      '50 % · 15,000 of about 31,000 calls · slice 7 at 2026-10-16T12:00Z · about 90 s left',
    );
  });

  it('says how long it waits for a provider, and why', () => {
    const waiting = job({ waitUntil: '2026-11-20T12:15:00.000Z', reason: 'rate_limited' });

    expect(progressLine(waiting, { ...PACE, now: NOW })).toContain(
      'waiting until 12:15:00Z (rate limited)',
    );
    expect(progressLine({ ...waiting, expected: null }, { ...PACE, now: NOW })).toMatch(
      /^0 % · 0 calls/,
    );
  });

  it.each([
    [500, '1 s'],
    [119_000, '119 s'],
    [600_000, '10 min'],
    [9_000_000, '2.5 h'],
  ])('writes %d ms as %s', (ms, words) => {
    expect(inWords(ms)).toBe(words);
  });
});

describe('the result', () => {
  const done = (counts: Partial<RangeJob['counts']> = {}, facts: Partial<RangeJob> = {}) =>
    resultOf(
      job({
        state: 'done',
        savedAt: new Date(NOW.getTime() + 4_000).toISOString(),
        counts: { ...NO_COUNTS, listed: 10, changed: 9, silent: 8, requests: 2, ...counts },
        ...facts,
      }),
      PACE,
    );

  it('is all well when everything was read', () => {
    expect(done()).toMatchObject({ ok: true, state: 'done', listed: 10, seconds: 4 });
    expect(resultLines(done())).toEqual([
      '10 calls were listed, 9 recorded or changed, 8 of them silent; 2 requests in 4 s.',
    ]);
  });

  it.each([{ quarantined: 1 }, { unproven: 1 }, { broken: 1 }])('needs a look for %j', (counts) => {
    expect(done(counts).ok).toBe(false);
    expect(resultLines(done(counts))).toHaveLength(2);
  });

  it('of an estimate says how long it takes at least, or that nobody knows', () => {
    expect(resultLines(done({}, { dryRun: true, expected: 31_000 }))[0]).toMatch(
      /^About 31,000 calls; at least 6 min,/,
    );
    expect(resultLines(done({}, { dryRun: true, expected: null }))[0]).toMatch(/does not say/);
  });

  it('of one that was given up says that what it recorded stays', () => {
    expect(resultLines(done({}, { state: 'canceled' }))[0]).toMatch(/9 calls .* stay/);
    expect(done({}, { state: 'canceled' }).ok).toBe(false);
  });
});
