import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, PaceBook, Passage } from '../../lib/delivery/pace-book.ts';
import { addMs } from '../../lib/time.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const EVERY_MS = 1_000;
const at = (ms: number) => addMs(NOW, ms);

/** What every pace book does. `fresh` gives an empty one, `another` one more worker's view of it. */
export function paceBookContract(
  name: string,
  fresh: () => Promise<{ book: PaceBook; another: () => PaceBook }>,
): void {
  describe(`${name}: paces`, () => {
    let book: PaceBook;
    let another: () => PaceBook;
    beforeEach(async () => {
      ({ book, another } = await fresh());
    });

    const passage = (change: Partial<Passage> = {}): Passage => ({
      ...{ key: 'c', everyMs: EVERY_MS, now: NOW, withinMs: 2_000, hasTurn: false },
      ...change,
    });
    const pass = (change: Partial<Passage> = {}) => book.pass(passage(change));
    const lineUp = (from = NOW) => book.lineUp('c', EVERY_MS, from);
    const offset = (instant: Date) => instant.getTime() - NOW.getTime();
    const passedAt = (answer: Answer) => ('passAt' in answer ? offset(answer.passAt) : 'not yet');

    it('lets the first pass at once, and those after it one after the other', async () => {
      expect(await pass()).toEqual({ passAt: NOW });
      expect(await pass()).toEqual({ passAt: at(1_000) });
      expect(await pass({ now: at(500) })).toEqual({ passAt: at(2_000) });
      expect(await pass({ now: at(5_000) })).toEqual({ passAt: at(5_000) });
    });

    it('lets nobody pass for whom it would open too late', async () => {
      for (let times = 0; times < 3; times += 1) await pass();

      expect(await pass()).toEqual({ notBefore: at(3_000) });
      expect(await pass({ hasTurn: true })).toEqual({ notBefore: at(3_000) });
      expect(await pass({ now: at(1_000) })).toEqual({ passAt: at(3_000) });
    });

    it.each([true, false])(
      'lets one pass at a time, whoever asks at once (in turn: %s)',
      async (hasTurn) => {
        const other = another();
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            (index % 2 === 0 ? book : other).pass(passage({ hasTurn, withinMs: 4_500 })),
          ),
        );

        const passed = answers.map(passedAt).sort();
        expect(passed).toEqual([0, 1_000, 2_000, 3_000, 4_000, 'not yet', 'not yet', 'not yet']);
      },
    );

    it('keeps requests apart, whatever groups of workers ask at whatever instants', async () => {
      const askers = fc.record({
        worker: fc.nat({ max: 2 }),
        count: fc.integer({ min: 1, max: 6 }),
        hasTurn: fc.boolean(),
        withinMs: fc.constantFrom(0, 2_000, 5_000),
        skewMs: fc.integer({ min: 0, max: 30 }),
      });
      const rounds = fc.array(fc.array(askers, { minLength: 1, maxLength: 3 }), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(rounds, fc.uuid(), async (plan, key) => {
          const workers = [book, another(), another()];
          const passed: number[] = [];
          for (const [round, asking] of plan.entries()) {
            const answers = await Promise.all(
              asking.flatMap(({ worker, count, hasTurn, withinMs, skewMs }) =>
                Array.from({ length: count }, async () => {
                  const now = at(round * 1_500 + skewMs);
                  const asked = passage({ key, hasTurn, withinMs, now });
                  const answer = await workers[worker]?.pass(asked);
                  if (!answer || !('passAt' in answer)) return [];
                  const passAt = offset(answer.passAt);
                  expect(passAt).toBeGreaterThanOrEqual(offset(now));
                  // Clocks of those who ask together differ by their skew at most.
                  expect(passAt).toBeLessThanOrEqual(offset(now) + withinMs + 30);
                  return [passAt];
                }),
              ),
            );
            passed.push(...answers.flat());
          }
          const inOrder = passed.toSorted((a, b) => a - b);
          for (const [index, one] of inOrder.entries()) {
            const before = inOrder[index - 1];
            if (before !== undefined) expect(one - before).toBeGreaterThanOrEqual(EVERY_MS);
          }
        }),
        { numRuns: 25 },
      );
    });

    it('keeps a passage from everybody else, as another worker would who comes after a kill', async () => {
      await pass({ hasTurn: true });

      expect(await another().pass(passage({ hasTurn: true, withinMs: 0 }))).toEqual({
        notBefore: at(1_000),
      });
      expect(await another().pass(passage({ now: at(999), withinMs: 0 }))).toEqual({
        notBefore: at(1_000),
      });
    });

    it('gives the turns of a line one after the other, to all who ask at once', async () => {
      const other = another();
      const turns = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          (index % 2 === 0 ? book : other).lineUp('c', EVERY_MS, NOW),
        ),
      );

      const offsets = turns.map(offset).sort();
      expect(offsets).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
    });

    it('begins a line no sooner than is asked for', async () => {
      expect(await lineUp(at(7_000))).toEqual(at(7_000));
      expect(await lineUp()).toEqual(at(8_000));
      expect(await lineUp(at(60_000))).toEqual(at(60_000));
    });

    it('lets nobody past those who stand in line, but each of them when he comes', async () => {
      await lineUp();
      await lineUp();

      expect(await pass()).toEqual({ notBefore: NOW });
      expect(await another().pass(passage())).toEqual({ notBefore: NOW });
      expect(await pass({ hasTurn: true })).toEqual({ passAt: NOW });
      expect(await pass({ hasTurn: true, now: at(1_001) })).toEqual({ passAt: at(1_001) });
      expect(await pass({ now: at(2_000) })).toEqual({ passAt: at(2_001) });
      expect(await lineUp(at(2_000))).toEqual(at(3_001));
    });

    it('lets nobody past a line that began after he was here last', async () => {
      const other = another();
      await other.pass(passage());
      await lineUp();
      await lineUp();

      expect(await other.pass(passage())).toEqual({ notBefore: at(1_000) });
    });

    it('keeps destinations apart', async () => {
      await pass();
      await lineUp();
      await book.hold('c', at(9_000));

      expect(await pass({ key: 'd' })).toEqual({ passAt: NOW });
      expect(await book.heldUntil('d')).toBeUndefined();
    });

    it('lets nobody pass before the end of the longest hold, and tells of it', async () => {
      await pass();
      await book.hold('c', at(30_000));
      await book.hold('c', at(10_000));

      expect(await another().heldUntil('c')).toEqual(at(30_000));
      expect(await another().pass(passage())).toEqual({ notBefore: at(30_000) });
      expect(await pass({ hasTurn: true })).toEqual({ notBefore: at(30_000) });
      expect(await pass({ now: at(29_000) })).toEqual({ passAt: at(30_000) });
    });

    it('can be held before anybody has passed', async () => {
      await book.hold('c', at(3_000));

      expect(await pass()).toEqual({ notBefore: at(3_000) });
    });
  });
}
