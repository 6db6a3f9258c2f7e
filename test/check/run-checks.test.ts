import { describe, expect, it } from 'vitest';
import { type CheckFinding, ok } from '../../lib/check/check-finding.ts';
import { type CheckBus, checkBus, checkStore } from '../../lib/check/check-system.ts';
import { runChecks } from '../../lib/check/run-checks.ts';

describe('checks that are made at once', () => {
  it('are told in their order, whatever fails or hangs', async () => {
    const ended: string[] = [];
    const outOfTime: (() => void)[] = [];

    const checking = runChecks(
      [
        { subject: 'hangs', run: () => new Promise<CheckFinding[]>(() => {}) },
        { subject: 'fails', run: () => Promise.reject(new TypeError('holds a secret')) },
        { subject: 'works', run: async () => [ok('key', 'it is accepted')] },
      ],
      {
        limitMs: 40_000,
        wait: (_ms, signal) =>
          new Promise((resolve) => outOfTime.push(() => signal.aborted || resolve())),
        onDone: ({ subject }) => {
          ended.push(subject);
          if (ended.length === 2) for (const end of outOfTime) end();
        },
      },
    );

    expect(await checking).toEqual([
      {
        subject: 'hangs',
        findings: [expect.objectContaining({ state: 'wrong', why: 'it took longer than 40 s' })],
      },
      {
        subject: 'fails',
        findings: [expect.objectContaining({ why: 'it could not be made (TypeError)' })],
      },
      { subject: 'works', findings: [ok('key', 'it is accepted')] },
    ]);
    expect(ended.at(-1)).toBe('hangs');
  });
});

describe('the store that is checked', () => {
  it('gives back what it was given, or is wrong', async () => {
    const right = await checkStore({ roundTrip: async (mark) => mark }, 'a-mark');
    const other = await checkStore({ roundTrip: async () => 'another' }, 'a-mark');
    const refused = await checkStore(
      { roundTrip: () => Promise.reject(new Error('Use credentials that may do that.')) },
      'a-mark',
    );

    expect([right.state, other.state, refused.state]).toEqual(['ok', 'wrong', 'wrong']);
    expect(refused.fix).toBe('Use credentials that may do that.');
  });
});

describe('the bus that is checked', () => {
  const bus = (over: Partial<CheckBus> = {}): CheckBus => ({
    exists: async () => true,
    putTest: async () => true,
    ...over,
  });

  it('is there and accepts an event, or is wrong', async () => {
    const states = await Promise.all(
      [
        bus(),
        bus({ putTest: async () => false }),
        bus({ exists: () => Promise.reject(new Error('Sign in.')) }),
      ].map(async (each) => (await checkBus(each)).state),
    );

    expect(states).toEqual(['ok', 'wrong', 'wrong']);
  });

  it('is not believed where it is not there, though events for it are accepted', async () => {
    const finding = await checkBus(bus({ exists: async () => false }));

    expect(finding).toMatchObject({ state: 'wrong', fix: 'Deploy again: npx cdk deploy.' });
  });
});
