import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quarantineFolder, zipText } from '../../lib/calls/raw-record.ts';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { findNumber } from '../../lib/erasure/find-number.ts';
import { type ForgetDeps, forgetCall, type ToldElsewhere } from '../../lib/erasure/forget-call.ts';
import { announcements } from '../../lib/events/announcements.ts';
import type { Event } from '../../lib/events/event.ts';
import { eraseRows } from '../../lib/local/erase-rows.ts';
import { FAILED, NOW } from '../support/calls.ts';
import { type ErasureWorld, erasureWorld } from '../support/erasure-world.ts';

const NUMBER = '+966501234567';
const OTHER = '+966509999999';
/** What is left of it in no spelling. */
const DIGITS = '501234567';

const AT = NOW.toISOString();
const noise = Array.from({ length: 6_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_296);

/** A webhook that was no text, too large for its item. */
const largeBytes = (said: string) => ({
  body: Buffer.from(`\u00ff${said} ${noise.join()}`, 'latin1').toString('base64'),
  encoding: 'base64' as const,
  rule: 'is not text',
});

const row = (event: Event, over: Partial<Delivery>): Delivery => ({
  subject: 'clinic#a',
  destination: 'ops',
  eventId: event.id,
  type: event.type,
  state: 'delivered',
  createdAt: AT,
  attempts: 1,
  failures: 0,
  heldMs: 0,
  lease: 'worker',
  claimedAt: AT,
  leaseUntil: AT,
  sentAt: AT,
  ...over,
});

/** Every store holds the number, in some spelling; and a call that has nothing to do with it. */
async function filled(): Promise<{ world: ErasureWorld; file: string; event: Event }> {
  const folder = mkdtempSync(join(tmpdir(), 'test-erasure-'));
  const file = join(folder, 'callwire.db');
  const world = await erasureWorld(file);
  onTestFinished(async () => {
    await world.close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  });
  const { stored } = await world.record(0, { ...FAILED, id: 'a', contactNumber: NUMBER }, [
    { id: 'a', userNumber: '0501234567' },
  ]);
  await world.record(60, { ...FAILED, id: 'a', contactNumber: NUMBER, summary: 'later' }, [
    { id: 'a', noise, userNumber: '0501234567' },
  ]);
  await world.record(0, { id: 'b', summary: 'Call me on 12 May: 050 123-4567.' });
  await world.record(0, { id: 'c', contactNumber: OTHER });
  await world.record(0, { id: 'large' }, [{ id: 'large', noise, tel: '00966 50 1234567' }]);
  const [event] = announcements(undefined, stored);
  if (!event) throw new Error('A failed call is announced');
  const told = row(event, { receipt: { ts: '17.1' }, deliveredAt: AT });
  const waiting = { state: 'waiting', destination: 'crm', dueAt: AT, event } as const;
  await world.deliveries.save(told, NOW);
  await world.deliveries.save(row(event, waiting), NOW);
  await world.deliveries.save({ ...told, subject: 'clinic#c', eventId: 'of-c' }, NOW);
  await world.incidents.begin({ destination: 'ops', key: 'busy' }, event, NOW, undefined);
  const rejected = { id: 'q', field: 'duration', rule: 'no number' };
  await world.quarantine.keep('clinic', { ...rejected, raw: { id: 'q', to: NUMBER } }, NOW);
  const body = Buffer.from(`\u00ff${NUMBER}`, 'latin1').toString('base64');
  await world.unattributed.keep('clinic', { body, encoding: 'base64', rule: 'is not text' }, NOW);
  return { world, file, event };
}

function depsOf(world: ErasureWorld, told: ToldElsewhere[] = []): ForgetDeps {
  return {
    stores: world.stores,
    destinations: ['ops', 'crm'],
    onTold: (one) => told.push(one),
    now: () => NOW,
  };
}

async function forgetNumber(world: ErasureWorld, told: ToldElsewhere[] = []) {
  const found = await findNumber(NUMBER, world.stores);
  for (const key of found.calls) {
    await forgetCall({ ...key, provider: 'hamsa' }, depsOf(world, told));
  }
  for (const one of found.setAside) await world.stores.setAside.remove(one);
  return found;
}

const erased = (ids: readonly string[]) => ({
  isKey: (key: string) => ids.some((id) => key === `clinic#${id}`),
  isMessage: (body: string) => body.includes(NUMBER),
});

describe('a number that is forgotten', () => {
  it('is found in every store, in whatever spelling, and its calls with it', async () => {
    const { world } = await filled();
    const { calls, setAside, objects } = await findNumber(NUMBER, world.stores);

    expect(calls.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'large', 'q']);
    expect(setAside).toHaveLength(2);
    expect(objects).toHaveLength(2);
  });

  it('is in no store any more, and not in the file either', async () => {
    const { world, file } = await filled();
    await forgetNumber(world);

    const { calls, setAside, objects } = await findNumber(NUMBER, world.stores);
    expect([...calls, ...setAside, ...objects]).toEqual([]);
    await world.close();
    const { changes } = eraseRows(file, erased(['a', 'b', 'large', 'q']), { rewrite: true });
    expect(changes).toBeGreaterThanOrEqual(7);
    const db = new DatabaseSync(file);
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const rows = tables.flatMap(({ name }) => db.prepare(`SELECT * FROM ${name}`).all());
    db.close();
    expect(rows.length).toBeGreaterThan(5);
    expect(JSON.stringify(rows)).not.toContain(DIGITS);
    for (const name of readdirSync(join(file, '..'))) {
      expect(readFileSync(join(file, '..', name)).includes(DIGITS)).toBe(false);
    }
  });

  it('is found in a large webhook that was no text', async () => {
    const { world } = await filled();
    const before = await findNumber(NUMBER, world.stores);
    await world.unattributed.keep('clinic', largeBytes(`tel=${NUMBER}`), NOW);
    const after = await findNumber(NUMBER, world.stores);

    expect(after.setAside).toHaveLength(before.setAside.length + 1);
    expect(after.objects.filter((key) => !before.objects.includes(key))).toEqual([
      expect.stringMatching(/^webhooks\/clinic\//),
    ]);
  });

  it('is found beside a body in base64 as well as in it', async () => {
    const { world } = await filled();
    const raw = { id: 'beside', body: 'AAAA', encoding: 'base64', to: NUMBER };
    const rejected = { id: 'beside', field: 'duration', rule: 'no number' };
    await world.quarantine.keep('clinic', { ...rejected, raw }, NOW);

    const { calls } = await findNumber(NUMBER, world.stores);
    expect(calls.map(({ id }) => id)).toContain('beside');
  });

  it('leaves no version of a large record that was set aside more than once', async () => {
    const { world } = await filled();
    const rejected = { id: 'a', field: 'duration', rule: 'no number' };
    for (const version of [1, 2]) {
      const raw = { id: 'a', version, noise };
      await world.quarantine.keep('clinic', { ...rejected, raw }, NOW);
    }
    const folder = quarantineFolder({ connection: 'clinic', id: 'a' });
    const kept = async () => (await Array.fromAsync(world.stores.objects.keys(folder))).flat();
    expect(await kept()).toHaveLength(2);

    await forgetCall({ connection: 'clinic', id: 'a', provider: 'hamsa' }, depsOf(world));

    expect(await kept()).toEqual([]);
  });

  it('leaves everything else as it was', async () => {
    const { world } = await filled();
    const before = (await world.stores.calls.get('clinic', ['c'])).get('c');
    await forgetNumber(world);

    expect((await world.stores.calls.get('clinic', ['c'])).get('c')).toEqual(before);
    const [kept] = await world.stores.deliveries.ofSubject('clinic#c');
    expect(kept).toMatchObject({ state: 'delivered', receipt: { ts: '17.1' } });
  });

  it('says what was told elsewhere, with its receipt', async () => {
    const { world, event } = await filled();
    const told: ToldElsewhere[] = [];
    await forgetNumber(world, told);

    expect(told).toContainEqual({
      ...{ call: { connection: 'clinic', id: 'a' }, destination: 'ops', eventId: event.id },
      ...{ type: 'call.failed', at: AT, receipt: { ts: '17.1' } },
    });
  });
});

describe('an item that cannot be read', () => {
  const packed = new Uint8Array([0, 1, 2, 3]);

  it.each([
    ['that holds the number', { call: { to: NUMBER } }],
    ['that holds it as a number', { call: { to: Number(NUMBER) } }],
    ['that holds it in a list', { call: { numbers: [new Set([NUMBER])] } }],
    ['that holds it packed', { raw: zipText(JSON.stringify({ to: NUMBER })), call: 7 }],
    ['that holds it beside what cannot be unpacked', { call: { to: NUMBER }, packed }],
    ['of no version', { version: undefined, call: { to: NUMBER } }],
    ['of an odd version', { version: 'seven', call: { to: NUMBER } }],
  ])('%s is erased as a call is', async (_what, facts) => {
    const { world } = await filled();
    await world.putItem({ pk: 'clinic#odd', at: AT, version: 7, revision: 3, ...facts });
    const found = await forgetNumber(world);

    expect(found.calls).toContainEqual({ connection: 'clinic', id: 'odd' });
    expect(found.unreadable).toEqual([]);
    const left = (await world.stores.calls.get('clinic', ['odd'])).get('odd');
    expect(left).toMatchObject({ forgotten: true, revision: 3, call: { to: null } });
    expect(await findNumber(NUMBER, world.stores)).toMatchObject({ calls: [], unreadable: [] });
  });

  it.each([
    ['may hold it in what cannot be unpacked', { pk: 'clinic#odd', packed }, true],
    ['holds it, and by its key is of no call', { pk: 'notice#odd', notice: NUMBER }, true],
    ['does not hold it', { pk: 'clinic#odd', call: { to: OTHER } }, false],
    [
      'holds parts that only make it together',
      { pk: 'clinic#odd', call: ['+96650', '1234567'] },
      false,
    ],
  ])('and that %s is named', async (_what, item, mayHold) => {
    const { world } = await filled();
    await world.putItem(item);
    await forgetNumber(world);

    const { calls, unreadable } = await findNumber(NUMBER, world.stores);
    expect(calls).toEqual([]);
    expect(unreadable).toMatchObject([{ item: item.pk.replace('clinic#', 'clinic/'), mayHold }]);
  });

  it('is erased by its name, and not over what is written meanwhile', async () => {
    const { world } = await filled();
    await world.putItem({ pk: 'clinic#odd', version: 7, packed });
    const { calls } = world.stores;
    let isFirst = true;
    const racing: ForgetDeps = {
      ...depsOf(world),
      stores: {
        ...world.stores,
        calls: {
          ...calls,
          look: async (key) => {
            const seen = await calls.look(key);
            if (isFirst) await world.putItem({ pk: 'clinic#odd', version: 8, revision: 2, packed });
            isFirst = false;
            return seen;
          },
        },
      },
    };
    const rest = await forgetCall({ connection: 'clinic', id: 'odd', provider: 'hamsa' }, racing);

    expect(rest).toMatchObject({ wasStored: true });
    const left = (await calls.get('clinic', ['odd'])).get('odd');
    expect(left).toMatchObject({ forgotten: true, version: 9, revision: 2 });
  });
});

describe('a call that is forgotten', () => {
  it('is not stored again, whoever sees it, and announces nothing', async () => {
    const { world } = await filled();
    const before = (await world.stores.calls.get('clinic', ['a'])).get('a');
    await forgetCall({ connection: 'clinic', id: 'a', provider: 'hamsa' }, depsOf(world));
    const after = (await world.stores.calls.get('clinic', ['a'])).get('a');
    if (!after) throw new Error('Nothing keeps it from coming back');

    expect(announcements(before, after)).toEqual([]);
    expect(await world.record(600, { id: 'a', contactNumber: NUMBER })).toEqual({
      stored: after,
      written: false,
    });
    expect(await world.stores.calls.write({ ...after, forgotten: false, version: 1 })).toBe(false);
  });

  it.each([
    ['beside its item', false],
    ['whose item is gone', true],
  ])('leaves no large webhook that was no text and names it, %s', async (_what, isGone) => {
    const { world } = await filled();
    await world.record(0, { id: 'call-77' });
    await world.unattributed.keep('clinic', largeBytes('id=call-77'), NOW);
    await world.unattributed.keep('clinic', largeBytes('id=call-778'), NOW);
    const { setAside, objects } = world.stores;
    const webhooks = async () => (await Array.fromAsync(objects.keys('webhooks/'))).flat();
    if (isGone) {
      for (const one of (await Array.fromAsync(setAside.all())).flat()) await setAside.remove(one);
    }
    expect(await webhooks()).toHaveLength(2);

    const key = { connection: 'clinic', id: 'call-77', provider: 'hamsa' };
    const counts = await forgetCall(key, depsOf(world));

    expect(counts).toMatchObject(isGone ? { objects: 1 } : { setAside: 1 });
    expect(await webhooks()).toHaveLength(1);
  });

  it('is told nobody any more, neither what waits nor what is on its way', async () => {
    const { world, event } = await filled();
    await forgetCall({ connection: 'clinic', id: 'a', provider: 'hamsa' }, depsOf(world));
    const claim = (destination: string, eventId: string) =>
      world.deliveries.claim({
        key: { subject: 'clinic#a', destination, eventId },
        ...{ type: 'call.failed', revision: 1, heldMs: 0, lease: 'another', now: NOW },
        ...{ leaseUntil: NOW, dueBy: new Date(NOW.getTime() + 86_400_000) },
      });

    expect(await claim('crm', event.id)).toMatchObject({
      claimed: false,
      row: { state: 'skipped', lastReason: 'forgotten' },
    });
    const rows = await world.stores.deliveries.ofSubject('clinic#a');
    // Two destinations; completed, failed, stale and one update.
    expect(rows).toHaveLength(8);
    expect(rows.every(({ state, receipt }) => state === 'skipped' && !receipt)).toBe(true);
    // Whoever had it in hand cannot write what he heard.
    expect(await world.deliveries.save(row(event, { receipt: { ts: '1' } }), NOW)).toBe(false);
  });

  it('leaves the incident that it began, without what it said', async () => {
    const { world, event } = await filled();
    await forgetCall({ connection: 'clinic', id: 'a', provider: 'hamsa' }, depsOf(world));
    const incident = await world.incidents.read({ destination: 'ops', key: 'busy' });

    expect(incident?.opener).toMatchObject({ id: event.id, call: { id: 'a', outcome: 'failed' } });
    expect(JSON.stringify(incident)).not.toContain(DIGITS);
  });

  it('is gone on with where somebody was stopped, and changes nothing when done twice', async () => {
    const { world } = await filled();
    const key = { connection: 'clinic', id: 'a', provider: 'hamsa' };
    const stopped: ForgetDeps = {
      ...depsOf(world),
      stores: {
        ...world.stores,
        incidents: {
          ...world.stores.incidents,
          all: () => {
            throw new Error('Ctrl-C');
          },
        },
      },
    };
    await expect(forgetCall(key, stopped)).rejects.toThrow('Ctrl-C');

    expect(await world.stores.begun.all()).toEqual([{ connection: 'clinic', id: 'a' }]);
    const rest = await forgetCall(key, depsOf(world));
    expect(rest).toMatchObject({ wasStored: false, deliveries: 0, incidents: 1, objects: 1 });
    expect(await world.stores.begun.all()).toEqual([]);
    expect(await forgetCall(key, depsOf(world))).toEqual({
      ...{ wasStored: false, objects: 0, setAside: 0, deliveries: 0, incidents: 0 },
    });
  });
});
