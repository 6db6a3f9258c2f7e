import { describe, expect, it } from 'vitest';
import {
  afterArrival,
  afterProbe,
  afterTrouble,
  type Breaker,
  isFallbackDue,
  type Trouble,
  untroubled,
} from '../../lib/delivery/breaker.ts';
import { addMs, MINUTE_MS, SECOND_MS } from '../../lib/time.ts';

const START = new Date('2026-11-20T10:00:00.000Z');
const at = (seconds: number) => addMs(START, seconds * SECOND_MS);

const trouble = (index: number, over: Partial<Trouble> = {}): Trouble => ({
  eventId: `evt-${index}`,
  reason: 'unreachable',
  ...over,
});

/** What the breaker is after these, one each so many seconds. */
const troubled = (troubles: readonly Trouble[], everySeconds: number): Breaker =>
  troubles.reduce<Breaker>(
    (breaker, each, index) => afterTrouble(breaker, each, at(index * everySeconds)) ?? breaker,
    untroubled('ops'),
  );

const five = [0, 1, 2, 3, 4].map((index) => trouble(index));

describe('a breaker', () => {
  it('opens when five different deliveries failed in a row, over twenty seconds', () => {
    expect(troubled(five.slice(1), 10).open).toBeUndefined();
    expect(troubled(five, 4).open).toBeUndefined();
    expect(troubled(five, 5).open).toEqual({
      since: START.toISOString(),
      openedAt: at(20).toISOString(),
      reason: 'unreachable',
      probes: 0,
      probeAt: at(50).toISOString(),
    });
  });

  it('opens later where they failed in a shorter time, with the next that fails', () => {
    const early = troubled(five, 1);

    expect(afterTrouble(early, trouble(9), at(19))).toBeUndefined();
    expect(afterTrouble(early, trouble(0), at(20))?.open).toBeDefined();
  });

  it('stays closed however often one and the same delivery fails', () => {
    const breaker = troubled(
      Array.from({ length: 30 }, () => trouble(1)),
      60,
    );

    expect(breaker.open).toBeUndefined();
    expect(breaker.failing).toEqual(['evt-1']);
  });

  it('begins to count anew when one arrives', () => {
    const four = troubled(five.slice(1), 30);
    const well = afterArrival(four, at(200));

    expect(well).toMatchObject({ failing: [], failingSince: undefined });
    expect(afterTrouble(well ?? four, trouble(7), at(300))).toMatchObject({ failing: ['evt-7'] });
    expect(afterArrival(untroubled('ops'), START)).toBeUndefined();
  });

  it('opens at once when every delivery would be refused, and says what to do', () => {
    const breaker = troubled([trouble(1, { reason: 'token_revoked', fix: 'Renew it.' })], 1);

    expect(breaker.open).toMatchObject({ reason: 'token_revoked', fix: 'Renew it.' });
  });

  it('announces each time it opens and closes, once', () => {
    const open = troubled(five, 10);
    const still = afterTrouble(open, trouble(8), at(60)) ?? open;
    const closed = afterArrival(still, at(600)) ?? still;

    expect(closed.open).toBeUndefined();
    expect(
      closed.untold.map(({ type, delivery, occurredAt }) => [type, delivery, occurredAt]),
    ).toEqual([
      [
        'delivery.failing',
        { destination: 'ops', reason: 'unreachable', since: START.toISOString() },
        START.toISOString(),
      ],
      [
        'delivery.recovered',
        { destination: 'ops', reason: 'unreachable', since: START.toISOString() },
        at(600).toISOString(),
      ],
    ]);
    expect(afterArrival(closed, at(700))).toBeUndefined();
  });

  it('tells a new reason while it is open', () => {
    const open = troubled(five, 10);
    const refused = afterTrouble(open, trouble(1, { reason: 'gone', fix: 'Look.' }), at(60));

    expect(refused?.open).toMatchObject({ reason: 'gone', fix: 'Look.' });
    expect(afterTrouble(refused ?? open, trouble(1), at(90))?.open).not.toHaveProperty('fix');
    expect(refused?.untold).toHaveLength(1);
  });

  it('lets one delivery through after 30 seconds, then 1, 2, 5, 10 and every 15 minutes', () => {
    let breaker = troubled(five, 5);
    const opened = Date.parse(breaker.open?.openedAt ?? '');
    const waits: number[] = [];
    let last = opened;
    for (let ms = opened; waits.length < 7; ms += SECOND_MS) {
      const probed = afterProbe(breaker, new Date(ms));
      if (!probed) continue;
      waits.push((ms - last) / SECOND_MS);
      [breaker, last] = [probed, ms];
    }

    expect(waits).toEqual([30, 60, 120, 300, 600, 900, 900]);
    expect(afterProbe(untroubled('ops'), START)).toBeUndefined();
  });
});

describe('a fallback', () => {
  const open = troubled(five, 5).open;
  if (!open) throw new Error('It is closed');

  it('is told when its destination has failed for as long as its settings say', () => {
    expect(isFallbackDue(open, undefined, at(20 + 299))).toBe(false);
    expect(isFallbackDue(open, undefined, at(20 + 300))).toBe(true);
    expect(isFallbackDue(open, { fallbackAfter: 30 * MINUTE_MS }, at(20 + 300))).toBe(false);
  });

  it('is told at once where only a person can help', () => {
    expect(isFallbackDue({ ...open, fix: 'Renew it.' }, undefined, at(20))).toBe(true);
  });
});
