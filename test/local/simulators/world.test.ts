import { describe, expect, it } from 'vitest';
import { createWorld, stateOf } from '../../../lib/local/simulators/world.ts';

const START = Date.parse('2026-03-01T09:00:00Z');

function worldAt(options: { callsPerMinute?: number; history?: number; seed?: number } = {}) {
  const clock = { now: START };
  const world = createWorld({ seed: 7, ...options, now: () => clock.now });
  return { clock, world };
}

describe('the simulated world', () => {
  it('has the same calls for the same seed, however often it is asked', () => {
    const asked = worldAt();
    for (let second = 0; second < 60; second += 1) {
      asked.clock.now += 1000;
      asked.world.calls();
    }
    const once = worldAt();
    once.clock.now += 60_000;

    expect(once.world.calls()).toEqual(asked.world.calls());
    expect(once.world.calls().length).toBeGreaterThan(30);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('shows every phase within 30 seconds of seed %i', (seed) => {
    const { clock, world } = worldAt({ seed });
    const seen = new Set<string>();

    for (; clock.now <= START + 30_000; clock.now += 250) {
      for (const call of world.calls()) seen.add(stateOf(call, clock.now).phase);
    }

    expect([...seen].sort()).toEqual([
      'completed',
      'failed',
      'forwarded',
      'in_progress',
      'no_answer',
      'queued',
      'terminated',
    ]);
  });

  it('begins with a history of calls that are over and complete', () => {
    const { world } = worldAt({ history: 50, callsPerMinute: 0 });

    const calls = world.calls();

    expect(calls).toHaveLength(50);
    for (const call of calls) {
      expect(stateOf(call, START).isFinal).toBe(true);
      expect(stateOf(call, START).hasRecording).toBe(call.recordedAt !== null);
    }
  });

  it('adds title, recording and analysis only some time after the end', () => {
    const { clock, world } = worldAt();
    clock.now += 20_000;
    const call = world.calls().find(({ ending }) => ending === 'completed');
    if (call === undefined) throw new Error('No completed call');

    expect(stateOf(call, call.endedAt)).toMatchObject({ isFinal: true, hasRecording: false });
    expect(stateOf(call, call.endedAt + 4000)).toMatchObject({
      hasTitle: true,
      hasRecording: true,
      hasAnalysis: true,
    });
  });

  it('stands still after freeze, while the clock goes on', () => {
    const { clock, world } = worldAt();
    clock.now += 10_000;
    world.freeze();
    const before = world.calls().length;
    clock.now += 60_000;

    expect(world.calls()).toHaveLength(before);
    expect(world.time()).toBe(START + 10_000);
    expect(world.clock()).toBe(START + 70_000);
  });

  it('lets a test begin a call of its own', () => {
    const { world } = worldAt({ callsPerMinute: 0 });

    const call = world.spawn({ ending: 'no_answer', answeredAt: null, endedAt: START + 500 });

    expect(world.calls()).toEqual([call]);
    expect(stateOf(call, START).phase).toBe('queued');
    expect(stateOf(call, START + 500)).toMatchObject({ phase: 'no_answer', durationSeconds: 0 });
  });

  it('calls from numbers that are set aside for fiction, under names that break careless messages', () => {
    const { clock, world } = worldAt();
    clock.now += 60_000;

    const callers = world.calls().map(({ caller }) => caller);

    expect(callers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['<!channel>', 'Tom & Jerry <Ltd>', 'محمد العتيبي']),
    );
    for (const { number } of callers) {
      expect(number).toMatch(/^\+(1\d{3}55501\d{2}|447700900\d{3})$/);
    }
  });
});
