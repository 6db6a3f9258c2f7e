import { describe, expect, it } from 'vitest';
import { judgeQuarantine } from '../../lib/cli/quarantine-verdict.ts';

const ODD = { id: 'a', status: 42 };
const NAMELESS = { status: 'COMPLETED', duration: 3 };
const SOUND = { id: 'a', status: 'COMPLETED' };

const judge = (malformedSent: unknown[], kept: unknown[], connection = 'clinic') =>
  judgeQuarantine(
    [{ connection: 'clinic', malformedSent }],
    kept.map((raw) => ({ connection, raw })),
  );

const WELL = { quarantinedWrongly: 0, malformedMissed: 0, odd: [] };

describe('the verdict about the quarantine', () => {
  it('finds nothing wrong when exactly the malformed records are there', () => {
    expect(judge([], [])).toEqual(WELL);
    expect(judge([ODD, NAMELESS, 'row'], ['row', NAMELESS, ODD])).toEqual(WELL);
  });

  it('asks for one of the malformed versions of a record that has an id', () => {
    expect(judge([ODD, { ...ODD, duration: 3 }], [{ ...ODD, duration: 3 }])).toEqual(WELL);
  });

  it('asks for each version of a record without one', () => {
    expect(judge([NAMELESS, { ...NAMELESS, duration: 4 }], [NAMELESS])).toMatchObject({
      quarantinedWrongly: 0,
      malformedMissed: 1,
    });
  });

  it('names a malformed record that is not there', () => {
    expect(judge([ODD], [])).toEqual({
      quarantinedWrongly: 0,
      malformedMissed: 1,
      odd: ['malformed, and not in quarantine: clinic a'],
    });
  });

  it.each([
    ['that nobody sent malformed', { id: 'b', status: 'COMPLETED' }, 'b'],
    ['whose other version was malformed', SOUND, 'a'],
    ['that lies in the bucket', undefined, 'null'],
  ])('names a record that is there and %s', (_what, record, name) => {
    const { quarantinedWrongly, odd } = judge([ODD], [ODD, record]);

    expect(quarantinedWrongly).toBe(1);
    expect(odd).toEqual([`quarantined wrongly: clinic ${name}`]);
  });

  it('takes the record of one connection for none of another', () => {
    const elsewhere = judgeQuarantine(
      [
        { connection: 'clinic', malformedSent: [ODD] },
        { connection: 'salon', malformedSent: [] },
      ],
      [{ connection: 'salon', raw: ODD }],
    );

    expect(elsewhere).toMatchObject({ quarantinedWrongly: 1, malformedMissed: 1 });
  });

  it('tells of a long record in a short line', () => {
    const [line = ''] = judge([{ text: 'x'.repeat(9_000) }], []).odd;

    expect(line.length).toBeLessThanOrEqual(300);
  });
});
