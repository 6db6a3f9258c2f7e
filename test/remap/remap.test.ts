import { describe, expect, it } from 'vitest';
import type { CallStore } from '../../lib/calls/call-store.ts';
import { unzipText } from '../../lib/calls/raw-record.ts';
import { UnreadableItem } from '../../lib/calls/unreadable-item.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { type RemapDeps, remap, remapCall } from '../../lib/remap/remap-call.ts';
import { carryOutRemap, planRemap, type RemapStores } from '../../lib/remap/remap-connection.ts';
import { retakeRecord, retaking } from '../../lib/remap/retake-record.ts';
import { connection, NOW, policy } from '../support/calls.ts';
import { memoryRawBucket } from '../support/memory-calls.ts';
import { type PollWorld, pollWorld } from '../support/poll-world.ts';

const OVERRIDE = { statusOverrides: { TERMINATED: { status: 'completed', reason: null } } };

/** Connections as they are read today. */
const reading = (written: Record<string, unknown>) => ({
  settings: connection({ firstRun: 'all', ...written }),
  provider: hamsa,
});

/** A world whose records can be read again. */
async function polled(
  rows: Record<string, Record<string, unknown>>,
  written: Record<string, unknown> = {},
) {
  const world = pollWorld(written);
  const bucket = memoryRawBucket();
  for (const [id, row] of Object.entries(rows)) {
    world.server.put(id, { status: 'TERMINATED', duration: 60, ...row });
  }
  world.server.details.set('a', { voiceAgentId: 'of the detail' });
  await world.poll({ raws: bucket });
  const deps: RemapDeps = {
    calls: world.calls,
    rawOf: async ({ raw }): Promise<unknown> => {
      if (raw === null) return undefined;
      const packed = 'key' in raw ? bucket.objects.get(raw.key) : undefined;
      const text = 'inline' in raw ? raw.inline : packed && unzipText(packed);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
  };
  return { world, deps, bucket };
}

function storedIn({ calls }: PollWorld, id: string): StoredCall {
  const stored = calls.stored('clinic', id);
  if (!stored) throw new Error(`${id} is not stored`);
  return stored;
}

const key = (id: string) => ({ connection: 'clinic', id });

describe('a call whose status is understood otherwise today', () => {
  it('is corrected from the record that is kept, once', async () => {
    const { world, deps } = await polled({ a: {} });
    const today = reading(OVERRIDE);
    const { agent } = storedIn(world, 'a').call;

    const found = await remap(storedIn(world, 'a'), today, policy(), deps);
    expect(found).toMatchObject({
      kind: 'differs',
      before: { outcome: 'failed', reason: 'terminated' },
      changes: ['outcome', 'status', 'reason'],
    });
    await remapCall(key('a'), today, policy(), deps);
    expect(await remapCall(key('a'), today, policy(), deps)).toBeUndefined();

    expect(world.told()).toEqual(['call.failed a', 'call.completed a']);
    const [first, second] = world.announced();
    expect(second).toMatchObject({ corrects: first?.id, revision: 2 });
    // What only the detail had is still there.
    expect(agent.id).toBe('of the detail');
    expect(storedIn(world, 'a').call.agent).toEqual(agent);
  });

  it('is left to what polls see of it meanwhile', async () => {
    const { world, deps } = await polled({ a: {} });
    const today = reading(OVERRIDE);
    let isFirst = true;
    const raced = {
      ...deps,
      rawOf: async (stored: StoredCall) => {
        const raw = await deps.rawOf(stored);
        if (isFirst) {
          isFirst = false;
          world.pass(60);
          world.server.put('a', { status: 'NO_ANSWER' });
          await world.poll();
        }
        return raw;
      },
    };

    expect(await remapCall(key('a'), today, policy(), raced)).toBeUndefined();
    expect(storedIn(world, 'a').call).toMatchObject({ status: 'no_answer', outcome: 'failed' });
  });

  it('does not hide from polls what they see next', async () => {
    const { world, deps } = await polled({ a: {} });
    await remapCall(key('a'), reading(OVERRIDE), policy(), deps);
    world.pass(60);
    world.server.put('a', { status: 'NO_ANSWER' });
    await world.poll();

    expect(storedIn(world, 'a').call.status).toBe('no_answer');
  });

  it('stays silent when it is', async () => {
    const { world, deps } = await polled({ a: {} }, { firstRun: 'baseline' });
    world.calls.stream.splice(0);
    const silent = { ...storedIn(world, 'a'), silent: true, version: 2 };
    await world.calls.write(silent);
    await remapCall(key('a'), reading(OVERRIDE), policy(), deps);

    expect(storedIn(world, 'a')).toMatchObject({ silent: true, call: { outcome: 'completed' } });
    expect(world.told()).toEqual([]);
  });

  it('never becomes open again', async () => {
    const { world, deps } = await polled({ a: {} });
    const open = { statusOverrides: { TERMINATED: { status: 'in_progress', reason: null } } };

    expect(await remap(storedIn(world, 'a'), reading(open), policy(), deps)).toEqual({
      kind: 'stays final',
    });
    expect(await remapCall(key('a'), reading(open), policy(), deps)).toBeUndefined();
  });

  it('is read from the bucket where its record is large', async () => {
    const noise = Array.from({ length: 9_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_296);
    const { world, deps, bucket } = await polled({ a: { noise } });
    expect(bucket.objects.size).toBe(1);
    await remapCall(key('a'), reading(OVERRIDE), policy(), deps);

    expect(storedIn(world, 'a').call.outcome).toBe('completed');
  });

  it.each([
    ['that is not kept any more', 'without record', undefined],
    ['that nobody can read', 'unreadable', [{ id: 'a', status: 7 }]],
    [
      'of another call',
      'unreadable',
      [{ id: 'b', status: 'COMPLETED', createdAt: '2026-11-20T00:00:00Z' }],
    ],
  ])('stays as it is with a record %s', async (_what, kind, records) => {
    const { world } = await polled({ a: {} });
    const rawOf = async () => records;

    expect(await remap(storedIn(world, 'a'), reading(OVERRIDE), policy(), { rawOf })).toEqual({
      kind,
    });
  });

  it('stays as it is where a webhook may have left a record that is older than what stands', async () => {
    const { world, deps } = await polled({ a: {} });
    world.pass(60);
    world.server.put('a', { status: 'NO_ANSWER' });
    const before = storedIn(world, 'a').raw;
    await world.poll();
    const stored = { ...storedIn(world, 'a'), raw: before };
    const today = reading({ ...OVERRIDE, webhook: { secrets: ['env:HOOK'] } });

    expect(await remap(stored, today, policy(), deps)).toEqual({ kind: 'told otherwise' });
  });
});

describe('a record that was set aside', () => {
  const kept = {
    raw: { id: 'q', status: 'TERMINATED', createdAt: '2026-11-20T11:00:00.000Z', duration: 5 },
    at: '2026-11-20T11:30:00.000Z',
  };

  it('is recorded as if it had been read when it was seen', async () => {
    const { world, bucket } = await polled({});
    const deps = { calls: world.calls, raws: bucket };
    const today = reading({});

    expect(await retaking(kept, today, policy(), deps)).toBe('news');
    expect(world.told()).toEqual([]);
    expect(await retakeRecord(kept, today, policy(), deps)).toBe('news');
    expect(storedIn(world, 'q')).toMatchObject({ seenAt: kept.at, call: { outcome: 'failed' } });
    expect(world.told()).toEqual(['call.failed q']);
  });

  it('changes nothing where something later is known, nor where nobody can read it still', async () => {
    const { world, bucket } = await polled({ q: { status: 'COMPLETED' } });
    const deps = { calls: world.calls, raws: bucket };
    const before = storedIn(world, 'q');

    expect(await retakeRecord(kept, reading({}), policy(), deps)).toBe('known');
    const broken = { ...kept, raw: { id: 'q' } };
    expect(await retakeRecord(broken, reading({}), policy(), deps)).toBe('unreadable');
    expect(storedIn(world, 'q')).toEqual(before);
  });

  it('waits, and keeps no other waiting, where the stored call cannot be read', async () => {
    const { world, bucket } = await polled({});
    const told: string[] = [];
    const records = ['odd', 'q'].map((id) => ({
      ...{ connection: 'clinic', name: `quarantine#${id}`, callId: id, at: kept.at },
      ...{ text: JSON.stringify({ ...kept.raw, id }), rawKey: undefined },
    }));
    const calls: CallStore = {
      ...world.calls,
      get: async (of, ids, options) => {
        if (ids.includes('odd')) throw new UnreadableItem('clinic#odd', new Error('planted'));
        return world.calls.get(of, ids, options);
      },
    };
    const removed: string[] = [];
    const stores: RemapStores = {
      ...{ calls, raws: bucket, range: async function* () {} },
      setAside: {
        all: async function* () {
          yield records;
        },
        remove: async ({ name }) => void removed.push(name),
      },
      objects: { keys: async function* () {}, read: async () => undefined, remove: async () => {} },
      onUnreadable: ({ item }) => void told.push(item),
    };
    const rules = { reading: reading({}), policy: policy(), now: () => NOW };
    const plan = await planRemap(rules, stores);
    await carryOutRemap(plan, rules, stores);

    expect(plan.records).toEqual({ news: 1, known: 0, unreadable: 1 });
    expect([told, removed]).toEqual([['clinic/odd'], ['quarantine#q']]);
    expect(world.told()).toEqual(['call.failed q']);
  });
});
