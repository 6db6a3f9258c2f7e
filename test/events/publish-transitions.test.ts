import { describe, expect, it } from 'vitest';
import { nextVersion, type StoredCall } from '../../lib/calls/version.ts';
import type { Event } from '../../lib/events/event.ts';
import { driftNotice } from '../../lib/events/notice.ts';
import {
  type Change,
  publishTransitions,
  republish,
  type Transition,
} from '../../lib/events/publish-transitions.ts';
import { FAILED, look, NOW, OPEN, policy } from '../support/calls.ts';
import { memoryBus } from '../support/memory-calls.ts';

const first = (facts: Parameters<typeof look>[1]): StoredCall => {
  const stored = nextVersion(undefined, look(0, facts), policy());
  if (!stored) throw new Error('a first look is always news');
  return stored;
};

const made = (id: string): Change => ({ before: undefined, after: first({ id }) });

/** Transitions at positions 0, 1, 2…; an error is a record that cannot be read. */
const transitions = (...changes: (Change | Error)[]): Transition[] =>
  changes.map((change, position) => ({
    position: String(position),
    read: () => {
      if (change instanceof Error) throw change;
      return change;
    },
  }));

async function publish(changes: (Change | Error)[], refuses?: (event: Event) => boolean) {
  const bus = memoryBus(refuses);
  const failed = await publishTransitions(transitions(...changes), { bus, log: () => {} });
  return {
    failed,
    told: bus.events.map((event) => ('call' in event ? event.call.id : event.type)),
  };
}

describe('publishing a batch', () => {
  it('announces calls and notices in the order in which they were committed', async () => {
    const notice = driftNotice({ id: 'clinic', provider: 'hamsa' }, { field: 'a', rule: 'b' }, NOW);

    expect(await publish([made('a'), { notice }, made('b')])).toEqual({
      failed: undefined,
      told: ['a', 'provider.drifted', 'b'],
    });
  });

  it('is logged in one line, which counts what the bus took', async () => {
    const bus = memoryBus((event) => 'call' in event && event.call.id === 'b');
    const logged: unknown[] = [];
    const log = (...line: unknown[]) => logged.push(line);

    await publishTransitions(transitions(made('a'), made('b'), made('c')), { bus, log });
    await publishTransitions([], { bus, log });

    expect(logged).toEqual([['info', 'published', { events: 2 }, { FreshnessLag: [] }]]);
  });

  it('announces nothing of what is open or silent', async () => {
    const silent = { ...first({ id: 'silent' }), silent: true };
    const changes = [
      { before: undefined, after: first({ ...OPEN, id: 'open' }) },
      { before: undefined, after: silent },
    ];

    expect(await publish(changes)).toEqual({ failed: undefined, told: [] });
  });

  it('asks for the batch again from the first event that the bus refused', async () => {
    const { failed, told } = await publish(
      [made('a'), made('b'), made('c')],
      (event) => 'call' in event && event.call.id === 'b',
    );

    expect(failed).toBe('1');
    expect(told).toContain('a');
  });

  it('announces what comes before a record that cannot be read, and asks for that one again', async () => {
    expect(await publish([made('a'), new Error('broken'), made('b')])).toEqual({
      failed: '1',
      told: ['a'],
    });
  });

  it('asks again for an event that was refused before the record that cannot be read', async () => {
    const refusesA = (event: Event) => 'call' in event && event.call.id === 'a';

    expect(await publish([made('a'), made('b'), new Error('broken')], refusesA)).toEqual({
      failed: '0',
      told: ['b'],
    });
  });

  it('takes an event that breaks the contract for a record that cannot be read', async () => {
    const broken = { before: undefined, after: first({ id: 'b', endedAt: 'yesterday' }) };

    expect((await publish([made('a'), broken])).failed).toBe('1');
  });
});

describe('publishing again', () => {
  it('announces what was announced before, under the same ids', async () => {
    const bus = memoryBus();
    const call = first({ ...FAILED, id: 'a' });
    await publishTransitions(transitions({ before: undefined, after: call }), {
      bus,
      log: () => {},
    });
    const report = await republish([{ call }], { bus });

    expect(report).toEqual({ events: 1, refused: 0 });
    expect(new Set(bus.events.map(({ id }) => id)).size).toBe(1);
  });

  it('counts what the bus refused', async () => {
    const report = await republish([{ call: first({ id: 'a' }) }], { bus: memoryBus(() => true) });

    expect(report).toEqual({ events: 1, refused: 1 });
  });
});
