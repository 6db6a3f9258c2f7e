import { describe, expect, it } from 'vitest';
import { canaryCall } from '../../lib/canary/canary.ts';
import { freshnessLag } from '../../lib/events/freshness.ts';
import { stored } from '../cli/taps.ts';

const ended = stored({ endedAt: '2026-11-20T09:59:30.000Z' });
const open = stored({ outcome: 'open', endedAt: null });

describe('how fresh an announcement is', () => {
  it('is from the end of the call until it was recorded, seen open before or not', () => {
    expect(freshnessLag({ before: undefined, after: ended })).toEqual([30_000]);
    expect(freshnessLag({ before: open, after: ended })).toEqual([30_000]);
  });

  it('is never negative, whatever the clock of a provider says', () => {
    const after = stored({ endedAt: '2026-11-20T10:05:00.000Z' });

    expect(freshnessLag({ before: undefined, after })).toEqual([0]);
  });

  it.each([
    ['still open', { before: undefined, after: open }],
    ['known to be over before', { before: ended, after: { ...ended, revision: 2 } }],
    ['not announced', { before: undefined, after: { ...ended, silent: true } }],
    ['without a known end', { before: undefined, after: stored({ endedAt: null }) }],
    ['a canary', { before: undefined, after: canaryCall(new Date()) }],
  ])('is not measured of a call that is %s', (_what, change) => {
    expect(freshnessLag(change)).toEqual([]);
  });
});
