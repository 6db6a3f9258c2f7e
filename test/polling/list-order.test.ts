import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderEvidence } from '../../lib/polling/list-order.ts';
import { NOW } from '../support/calls.ts';

const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();

function orderOf(rows: readonly { createdAt?: string | null; startedAt?: string | null }[]) {
  const evidence = orderEvidence(NOW);
  evidence.add(rows);
  return evidence.verdict();
}
const created = (...minutes: number[]) => minutes.map((at) => ({ createdAt: ago(at) }));

describe('the order of a list', () => {
  it('is seen from six different instants on', () => {
    expect(orderOf(created(1, 2, 3, 4, 5))).toBeUndefined();
    expect(orderOf(created(1, 1, 1, 2, 3, 4, 5))).toBeUndefined();
    expect(orderOf(created(1, 2, 3, 4, 5, 6))?.direction).toBe('newest-first');
    expect(orderOf(created(6, 5, 4, 3, 2, 1))?.direction).toBe('oldest-first');
  });

  it('is not taken from rows that are in order by chance', () => {
    // About as good as ten rows in no order get, once in some hundred times.
    expect(orderOf(created(10, 20, 30, 25, 40, 35, 50, 70, 60, 80))?.direction).toBe('none');
  });

  it('is none where rows are out of place by as long a time as they span', () => {
    expect(orderOf(created(5, 90, 1, 60, 2, 70, 8, 80))?.direction).toBe('none');
    expect(orderOf(created(500, 100, 400, 1, 300, 20, 250))?.direction).toBe('none');
  });

  it('allows for rows that are a little out of place, and says by how much', () => {
    expect(orderOf(created(1, 10, 8, 20, 30, 40, 50, 60, 70, 80, 90, 100))).toEqual({
      direction: 'newest-first',
      by: 'createdAt',
      slackMs: 120_000,
    });
  });

  it('is by the field that is better ordered', () => {
    const rows = [
      { createdAt: ago(300), startedAt: ago(1) },
      { createdAt: ago(5), startedAt: ago(4) },
      { createdAt: ago(100), startedAt: ago(20) },
      { createdAt: ago(90), startedAt: ago(60) },
      { createdAt: ago(70), startedAt: ago(65) },
      { createdAt: ago(500), startedAt: ago(66) },
    ];
    expect(orderOf(rows)).toMatchObject({ direction: 'newest-first', by: 'startedAt' });
  });

  it('takes no notice of instants that cannot be true, or are missing', () => {
    const odd = [
      { createdAt: '2099-01-01T00:00:00Z' },
      { createdAt: '1970-01-01T00:00:00Z' },
      { createdAt: null },
      { createdAt: 'soon' },
    ];
    expect(
      orderOf(odd.flatMap((row, index) => [row, ...created(index, index + 0.5)])),
    ).toMatchObject({
      direction: 'newest-first',
      slackMs: 0,
    });
  });

  it('does not mind a row or two that are far out of place', () => {
    const rows = created(...Array.from({ length: 20 }, (_, at) => 10 * at));
    rows.splice(3, 0, ...created(5_000));
    expect(orderOf(rows)).toMatchObject({ direction: 'newest-first', slackMs: 0 });
    rows.splice(12, 0, ...created(7_000));
    expect(orderOf(rows)?.direction).toBe('newest-first');
    rows.splice(17, 0, ...created(8_000));
    expect(orderOf(rows)?.direction).toBe('none');
  });

  it('never changes by the pages in which rows are shown', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000)), fc.nat(20), (minutes, cut) => {
        const rows = created(...minutes);
        const evidence = orderEvidence(NOW);
        evidence.add(rows.slice(0, cut));
        evidence.add(rows.slice(cut));
        expect(evidence.verdict()).toEqual(orderOf(rows));
      }),
    );
  });
});
