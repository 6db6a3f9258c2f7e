import { beforeEach, describe, expect, it } from 'vitest';
import { type Breaker, untroubled } from '../../lib/delivery/breaker.ts';
import type { BreakerBook } from '../../lib/delivery/breaker-book.ts';
import { deliveryNotice } from '../../lib/events/notice.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const AT = NOW.toISOString();
const FRESH = { fresh: true };

/** What every book of breakers does. `fresh` gives an empty one. */
export function breakerBookContract(name: string, fresh: () => Promise<BreakerBook>): void {
  describe(`${name}: breakers`, () => {
    let book: BreakerBook;
    beforeEach(async () => {
      book = await fresh();
    });

    const version = (number: number, over: Partial<Breaker> = {}): Breaker => ({
      ...untroubled('ops'),
      ...over,
      version: number,
    });

    it('knows nothing of a destination that never had trouble', async () => {
      expect(await book.read('ops', FRESH)).toBeUndefined();
    });

    it('keeps all there is to a breaker', async () => {
      const delivery = { destination: 'ops', reason: 'unreachable', since: AT };
      const breaker = version(1, {
        failing: ['evt-1', 'evt-2'],
        failingSince: AT,
        open: { since: AT, openedAt: AT, reason: 'gone', fix: 'Look.', probes: 2, probeAt: AT },
        untold: [deliveryNotice('delivery.failing', delivery, NOW)],
      });

      expect(await book.save(breaker, NOW)).toBe(true);
      expect(await book.read('ops', FRESH)).toEqual(breaker);
      expect(await book.read('crm', FRESH)).toBeUndefined();
    });

    it('forgets what is over', async () => {
      await book.save(version(1, { failing: ['evt-1'], failingSince: AT }), NOW);
      await book.save(version(2), NOW);

      expect(await book.read('ops', FRESH)).toEqual(version(2));
    });

    it('takes one of many next versions', async () => {
      const first = await Promise.all(
        [1, 2, 3].map((index) => book.save(version(1, { failing: [`evt-${index}`] }), NOW)),
      );
      expect(first.filter(Boolean)).toHaveLength(1);

      expect(await book.save(version(1), NOW)).toBe(false);
      expect(await book.save(version(3), NOW)).toBe(false);
      expect(await book.save(version(2), NOW)).toBe(true);
    });
  });
}
