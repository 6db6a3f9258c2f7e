import { describe, expect, it } from 'vitest';
import { LEASE_MS } from '../../lib/delivery/deliver.ts';
import { keyOf } from '../../lib/delivery/delivery.ts';
import { RETRY_DELAYS_MS, retryDelayMs } from '../../lib/delivery/retry.ts';
import type { Finding } from '../../lib/destinations/destination.ts';
import { ContractError, PermanentError, TransientError } from '../../lib/errors.ts';
import { addMs, HOUR_MS } from '../../lib/time.ts';
import { deliveryWorld, START } from './delivery-world.ts';

const unreachable = () => new TransientError('no answer');
const lostAnswer = () => new TransientError('no answer', { maybeDone: true });
const rateLimit = (seconds: number) =>
  new TransientError('429', { reason: 'rate_limited', retryAfterMs: seconds * 1000 });

const ROOM = { key: 'chat#room', everyMs: 1_000 };

const answering = (finding: Finding) => async () => finding;
const UNKNOWN: Finding = { state: 'unknown', reason: 'missing_scope', fix: 'Look.' };

describe('deliver', () => {
  it('sends an event once and keeps the receipt', async () => {
    const world = deliveryWorld();

    const { outcome } = await world.deliver();

    expect(outcome).toBe('delivered');
    expect(world.sent).toMatchObject([{ destination: 'ops', secret: 'value of env:TOKEN' }]);
    expect(await world.row()).toMatchObject({
      state: 'delivered',
      attempts: 1,
      receipt: { ts: '1' },
      sentAt: START.toISOString(),
      deliveredAt: START.toISOString(),
      heldMs: 0,
    });
    expect(world.queued).toEqual([]);
  });

  it('sends nothing for a message that comes again', async () => {
    const world = deliveryWorld();
    await world.deliver();

    expect(await world.deliver()).toMatchObject({ outcome: 'dropped' });
    expect(world.sent).toHaveLength(1);
  });

  it('sends once however many copies of a message arrive at the same time', async () => {
    const world = deliveryWorld();

    await Promise.all(Array.from({ length: 5 }, () => world.deliver()));
    await world.drain();

    expect(world.sent).toHaveLength(1);
  });

  it('carries on the deliberate waits of those who had the event before', async () => {
    const world = deliveryWorld();

    await world.deliver({ ...world.messageOf(), heldMs: 4_000 });

    expect(await world.row()).toMatchObject({ heldMs: 4_000 });
  });
});

describe('a destination that fails for a while', () => {
  it('is tried again by a delayed message, and the waiting one is not received again', async () => {
    const world = deliveryWorld();
    world.troubles.push(unreachable());

    expect(await world.deliver()).toMatchObject({ outcome: 'waiting' });
    expect(world.queued).toMatchObject([{ delaySeconds: 5 }]);
    expect(await world.row()).toMatchObject({ state: 'waiting', lastReason: 'unreachable' });
    await world.drain();

    expect(world.sent.map(({ atMs }) => atMs)).toEqual([0, 5_000]);
    expect(await world.row()).toMatchObject({ state: 'delivered', attempts: 2, heldMs: 0 });
  });

  it('gives up after the last step of the schedule, about a day later, and says so', async () => {
    const world = deliveryWorld();
    world.troubles.push(...Array.from({ length: 11 }, unreachable));

    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(11);
    const hours = (world.sent.at(-1)?.atMs ?? 0) / HOUR_MS;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThan(25);
    const row = await world.row();
    expect(row).toMatchObject({ state: 'failed', lastReason: 'unreachable' });
    expect(row.log).toHaveLength(11);
    expect(row.log?.at(-1)).toEqual({
      at: addMs(START, world.sent.at(-1)?.atMs ?? 0).toISOString(),
      reason: 'unreachable',
    });
    expect(world.counted).toEqual(['DeliveriesParked']);
  });

  it('chains delayed messages for waits that SQS cannot make', async () => {
    const world = deliveryWorld();
    world.troubles.push(new TransientError('down', { retryAfterMs: 40 * 60_000 }));

    await world.deliver();
    await world.drain();

    expect(world.sent.map(({ atMs }) => atMs)).toEqual([0, 40 * 60_000]);
    expect(await world.row()).toMatchObject({ state: 'delivered', heldMs: 40 * 60_000 });
  });

  it('obeys a wait that is longer than the schedule, and none that is shorter', async () => {
    const world = deliveryWorld();
    const asking = (retryAfterMs: number) => new TransientError('503', { retryAfterMs });
    world.troubles.push(asking(60_000), asking(1_000));

    await world.deliver();
    await world.drain();

    expect(world.sent.map(({ atMs }) => atMs)).toEqual([0, 60_000, 90_000]);
  });

  it('takes an answer that cannot be read for one that was lost', async () => {
    const world = deliveryWorld();
    world.troubles.push(new ContractError('not JSON'));
    world.deps.sender.find = answering({ state: 'arrived', receipt: { ts: '9' } });

    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'delivered', receipt: { ts: '9' } });
  });
});

describe('the retry schedule', () => {
  it('spreads each wait by a fifth to both sides', () => {
    expect(retryDelayMs(1, 0)).toBe(4_000);
    expect(retryDelayMs(1, 1)).toBe(6_000);
    expect(retryDelayMs(RETRY_DELAYS_MS.length + 1, 0.5)).toBeUndefined();
  });
});

describe('what a person has to end', () => {
  it('is parked with a reason and what to do, and not tried again', async () => {
    const world = deliveryWorld();
    world.troubles.push(new PermanentError('is_archived', 'Bring the channel back.'));

    expect(await world.deliver()).toMatchObject({ outcome: 'parked' });
    await world.drain();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({
      state: 'parked',
      lastReason: 'is_archived',
      fix: 'Bring the channel back.',
      dueAt: START.toISOString(),
      event: world.messageOf().event,
    });
    expect(world.counted).toEqual(['DeliveriesParked']);
    expect(world.logged).toEqual([{ level: 'warn', message: 'parked' }]);
  });

  it.each([
    ['is not configured any more', undefined, 'destination_removed'],
    ['is of another kind now', { id: 'ops', kind: 'mail' }, 'destination_removed'],
    ['is configured wrongly', { id: 'ops', kind: 'chat', token: 5 }, 'settings_invalid'],
  ])('includes a destination that %s', async (_case, settings, reason) => {
    const world = deliveryWorld();
    if (settings === undefined) world.configured.delete('ops');
    else world.configured.set('ops', settings);

    await world.deliver();

    expect(world.sent).toEqual([]);
    expect(await world.row()).toMatchObject({ state: 'parked', lastReason: reason });
  });

  it('includes a secret that is not there', async () => {
    const world = deliveryWorld();
    world.deps.secretOf = async () => {
      throw new PermanentError('secret_missing', 'Create it.');
    };

    await world.deliver();

    expect(await world.row()).toMatchObject({ state: 'parked', lastReason: 'secret_missing' });
  });
});

describe('what a person has ended already, though it is not known here yet', () => {
  /** Remembers a value until it is asked for a fresh one, as the function does for a while. */
  const remembering = <T>(remembered: T, current: T) => {
    let value = remembered;
    return async (_name: string, { fresh }: { fresh: boolean }) => {
      if (fresh) value = current;
      return value;
    };
  };
  const refused = () => new PermanentError('invalid_auth', 'Put a new token into the secret.');
  /** Accepts the new token only. */
  const rotated = () => {
    const world = deliveryWorld();
    const { send } = world.deps.sender;
    world.deps.secretOf = remembering('old', 'new');
    world.deps.sender.send = async (outgoing) => {
      if (outgoing.secrets.token !== 'new') world.troubles.push(refused());
      return send(outgoing);
    };
    return world;
  };

  it('is a destination that was added a moment ago', async () => {
    const world = deliveryWorld();
    const settings = { id: 'ops', kind: 'chat', token: 'env:TOKEN' };
    Object.assign(world.deps, { settingsOf: remembering(undefined, settings) });

    expect(await world.deliver()).toMatchObject({ outcome: 'delivered' });
    expect(world.counted).toEqual([]);
  });

  it('is a token that was rotated a moment ago', async () => {
    const world = rotated();

    expect(await world.deliver()).toMatchObject({ outcome: 'delivered' });
    expect(world.sent.map(({ secret }) => secret)).toEqual(['old', 'new']);
    expect(world.counted).toEqual([]);
  });

  it('is a secret that was not there a moment ago', async () => {
    const world = deliveryWorld();
    world.deps.secretOf = async (_reference, { fresh }: { fresh: boolean }) => {
      if (!fresh) throw new PermanentError('key_missing', 'Create it.');
      return 'new';
    };

    expect(await world.deliver()).toMatchObject({ outcome: 'delivered' });
  });

  it('is a token without which nobody could tell what arrived', async () => {
    const world = deliveryWorld();
    world.deps.secretOf = remembering('old', 'new');
    world.troubles.push(lostAnswer());
    world.deps.sender.find = async ({ secrets }) =>
      secrets.token === 'new' ? { state: 'arrived', receipt: { ts: '7' } } : UNKNOWN;

    await world.deliver();
    await world.drain();

    expect(await world.row()).toMatchObject({ state: 'delivered', receipt: { ts: '7' } });
  });

  it('is a fallback that was added a moment ago', async () => {
    const world = deliveryWorld({ fallback: 'backup' });
    const backup = { id: 'backup', kind: 'chat', token: 'env:TOKEN' };
    const ops = world.configured.get('ops');
    world.deps.settingsOf = async (id, { fresh }: { fresh: boolean }) =>
      id === 'ops' ? ops : fresh ? backup : undefined;
    world.troubles.push(new PermanentError('is_archived', '.'));

    await world.deliver();

    expect(world.elsewhere).toHaveLength(1);
  });

  it('is looked for once: what is refused again is parked', async () => {
    const world = deliveryWorld();
    world.deps.secretOf = remembering('old', 'new');
    world.troubles.push(refused(), refused());

    expect(await world.deliver()).toMatchObject({ outcome: 'parked' });
    expect(world.sent.map(({ secret }) => secret)).toEqual(['old', 'new']);
    expect(world.counted).toEqual(['DeliveriesParked']);
  });

  it('is not what is refused with what is there now', async () => {
    const world = deliveryWorld();
    world.troubles.push(refused());

    expect(await world.deliver()).toMatchObject({ outcome: 'parked' });
    expect(world.sent).toHaveLength(1);
  });

  it('waits for its turn at a paced destination', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    world.deps.secretOf = remembering('old', 'new');
    world.troubles.push(refused());

    await world.deliver();
    await world.drain();

    expect(world.sent.map(({ atMs }) => atMs)).toEqual([0, 1_000]);
    expect(await world.row()).toMatchObject({ state: 'delivered' });
  });
});

describe('a fallback', () => {
  const backup = { id: 'backup', kind: 'chat', token: 'env:TOKEN' };

  it('is told what its destination could not be', async () => {
    const world = deliveryWorld({ fallback: 'backup' });
    world.configured.set('backup', backup);
    world.troubles.push(new PermanentError('is_archived', 'Bring it back.'));

    await world.deliver();

    expect(await world.row()).toMatchObject({ fallback: { destination: 'backup' } });
    expect(world.elsewhere).toEqual([{ ...world.messageOf(), destination: 'backup' }]);
    await world.deliver(world.elsewhere[0]);
    expect(await world.row(world.messageOf('evt-1', 'backup'))).toMatchObject({
      state: 'delivered',
    });
  });

  it('ends where two destinations fall back on each other', async () => {
    const world = deliveryWorld({ fallback: 'backup' });
    world.configured.set('backup', { ...backup, fallback: 'ops' });
    world.troubles.push(new PermanentError('gone', '.'), new PermanentError('gone', '.'));

    await world.deliver();
    await world.deliver(world.elsewhere[0]);
    const again = await world.deliver(world.elsewhere[1]);

    expect(again).toMatchObject({ outcome: 'dropped' });
    expect(world.elsewhere).toHaveLength(2);
  });

  it.each([
    ['not configured', undefined],
    ['this deployment has no queue for kind webhook', { id: 'backup', kind: 'webhook' }],
  ])('that cannot be told is named in the row: %s', async (problem, settings) => {
    const world = deliveryWorld({ fallback: 'backup' });
    if (settings !== undefined) world.configured.set('backup', settings);
    world.troubles.push(new PermanentError('gone', '.'));

    await world.deliver();

    expect(await world.row()).toMatchObject({ fallback: { destination: 'backup', problem } });
  });
});

describe('a worker that dies', () => {
  const claimAndDie = async (world: ReturnType<typeof deliveryWorld>) => {
    const now = world.deps.now();
    await world.deps.store.claim({
      key: keyOf(world.messageOf()),
      type: 'call.failed',
      revision: 1,
      heldMs: 0,
      lease: 'dead',
      now,
      leaseUntil: addMs(now, LEASE_MS),
      dueBy: now,
    });
  };

  it('keeps its delivery until its lease is over', async () => {
    const world = deliveryWorld();
    await claimAndDie(world);

    expect(await world.deliver()).toMatchObject({ outcome: 'busy' });
    world.elapse(LEASE_MS - 1);
    expect(await world.deliver()).toMatchObject({ outcome: 'busy' });
    expect(world.sent).toEqual([]);
    world.elapse(1);
    expect(await world.deliver()).toMatchObject({ outcome: 'delivered' });
  });

  it('and one that is only slow are told apart by a copy of the message, which does not stay for long', async () => {
    const world = deliveryWorld();
    const { send } = world.deps.sender;
    world.deps.sender.send = async (outgoing) => {
      await world.deliver();
      return send(outgoing);
    };
    await world.deliver();

    expect(world.queued).toMatchObject([{ delaySeconds: 15 }]);
    await world.drain();
    expect(world.sent).toHaveLength(1);
    expect(world.deps.now()).toEqual(addMs(START, 15_000));
  });

  it('is followed by one that finds what arrived, and does not send it again', async () => {
    const world = deliveryWorld();
    const since: Date[] = [];
    world.deps.sender.find = async (_outgoing, from) => {
      since.push(from);
      return { state: 'arrived', receipt: { ts: '7' } };
    };
    await claimAndDie(world);
    await world.deliver();
    await world.drain();

    expect(world.sent).toEqual([]);
    expect(since).toEqual([START]);
    expect(await world.row()).toMatchObject({ state: 'delivered', receipt: { ts: '7' } });
  });

  it('and the one after it are followed by one that looks as far back as the first', async () => {
    const world = deliveryWorld();
    const since: Date[] = [];
    world.deps.sender.find = async (_outgoing, from) => {
      since.push(from);
      return { state: 'arrived', receipt: { ts: '7' } };
    };
    await claimAndDie(world);
    world.elapse(LEASE_MS);
    await claimAndDie(world);
    world.elapse(LEASE_MS);
    await world.deliver();

    expect(since).toEqual([START]);
    expect(world.sent).toEqual([]);
  });

  it('after its turn is followed by one that waits when it may not even look', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const troubles = [rateLimit(3)];
    world.deps.sender.find = async () => {
      const trouble = troubles.shift();
      if (trouble !== undefined) throw trouble;
      return { state: 'absent' };
    };
    await world.othersLineUp(ROOM);
    await world.deliver();
    expect(await world.row()).toMatchObject({ state: 'waiting' });
    world.elapse(60_000);
    await claimAndDie(world);
    world.elapse(LEASE_MS);
    await world.drain();

    expect(world.sent).toHaveLength(1);
    const { heldMs, state } = await world.row();
    expect(state).toBe('delivered');
    expect(heldMs).toBeGreaterThanOrEqual(3_000);
  });

  it('is followed by one that sends what did not arrive', async () => {
    const world = deliveryWorld();
    await claimAndDie(world);
    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'delivered' });
  });

  it('leaves its delivery to a person where nothing can be read back', async () => {
    const world = deliveryWorld();
    world.deps.sender.find = answering(UNKNOWN);
    await claimAndDie(world);
    await world.deliver();
    await world.drain();

    expect(world.sent).toEqual([]);
    expect(await world.row()).toMatchObject({
      state: 'uncertain',
      lastReason: 'missing_scope',
      fix: 'Look.',
    });
    expect(world.counted).toEqual(['DeliveriesParked']);
  });

  it('does no harm where the receiver tells repeats apart itself', async () => {
    const world = deliveryWorld();
    Object.assign(world.deps.sender, { find: undefined });
    await claimAndDie(world);
    await world.deliver();
    await world.drain();

    expect(await world.row()).toMatchObject({ state: 'delivered' });
  });
});

describe('an answer that is lost', () => {
  it('is looked for before anything is sent again', async () => {
    const world = deliveryWorld();
    world.troubles.push(lostAnswer());
    world.deps.sender.find = answering({ state: 'arrived', receipt: { ts: '7' } });

    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'delivered', receipt: { ts: '7' } });
  });

  it('stays in doubt while the destination cannot be asked', async () => {
    const world = deliveryWorld();
    world.troubles.push(lostAnswer());
    const findings = [rateLimit(3), unreachable()];
    world.deps.sender.find = async () => {
      const trouble = findings.shift();
      if (trouble !== undefined) throw trouble;
      return { state: 'arrived', receipt: { ts: '7' } };
    };

    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'delivered' });
  });

  it('is left to a person where nothing can be read back', async () => {
    const world = deliveryWorld();
    world.troubles.push(lostAnswer());
    world.deps.sender.find = answering(UNKNOWN);

    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'uncertain' });
  });

  it('is not a stated failure, which is believed where nothing can be read back', async () => {
    const world = deliveryWorld();
    world.troubles.push(new TransientError('500', { reason: 'provider_error', maybeDone: true }));
    world.deps.sender.find = answering(UNKNOWN);

    await world.deliver();
    await world.drain();

    expect(world.sent).toHaveLength(2);
    expect(await world.row()).toMatchObject({ state: 'delivered' });
  });

  it('is in doubt also when it was our own receipt that could not be written', async () => {
    const world = deliveryWorld();
    world.deps.sender.find = answering({ state: 'arrived', receipt: { ts: '7' } });
    const { save } = world.deps.store;
    let writes = 0;
    world.deps.store.save = async (row, now) => {
      writes += 1;
      if (writes === 1) throw new Error('the table is throttled');
      return save(row, now);
    };

    await expect(world.deliver()).rejects.toThrow('throttled');
    await world.deliver();

    expect(world.sent).toHaveLength(1);
    expect(await world.row()).toMatchObject({ state: 'delivered', receipt: { ts: '7' } });
  });
});

describe('a defect of ours', () => {
  it('is thrown, and the next receive of the same message can try at once', async () => {
    const world = deliveryWorld();
    world.troubles.push(new TypeError('undefined is not a function'));

    await expect(world.deliver()).rejects.toThrow(TypeError);
    expect(world.queued).toEqual([]);
    expect(await world.row()).toMatchObject({ state: 'waiting', lastReason: 'crashed' });

    expect(await world.deliver()).toMatchObject({ outcome: 'delivered' });
  });
});

describe('a paced destination', () => {
  const gaps = (world: ReturnType<typeof deliveryWorld>) =>
    world.sent.slice(1).map(({ atMs }, index) => atMs - (world.sent[index]?.atMs ?? 0));

  it('gets 200 events one a second, in order, and each wait is added up', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const ids = Array.from({ length: 200 }, (_, index) => `evt-${index}`);

    await world.deliverMany(ids, ROOM);
    await world.drain();

    expect(world.sent.map(({ eventId }) => eventId)).toEqual(ids);
    expect(Math.min(...gaps(world))).toBeGreaterThanOrEqual(1_000);
    const last = await world.row(world.messageOf('evt-199'));
    expect(last).toMatchObject({ state: 'delivered', attempts: 1, failures: 0 });
    const sentMs = Date.parse(last.sentAt ?? '') - Date.parse(last.createdAt);
    expect(last.heldMs).toBe(sentMs);
  });

  it('is left alone by everybody until the end of a rate limit, and nothing is lost', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    world.troubles.push(undefined, rateLimit(30));
    const ids = Array.from({ length: 20 }, (_, index) => `evt-${index}`);

    await world.deliverMany(ids, ROOM);
    await world.drain();

    const times = world.sent.map(({ atMs }) => atMs);
    expect(times[2]).toBeGreaterThanOrEqual((times[1] ?? 0) + 30_000);
    expect(Math.min(...gaps(world))).toBeGreaterThanOrEqual(1_000);
    for (const id of ids) {
      expect(await world.row(world.messageOf(id))).toMatchObject({ state: 'delivered' });
    }
  });

  it('does not use up the retry schedule by being rate limited', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    world.troubles.push(...Array.from({ length: 40 }, () => rateLimit(60)));

    await world.deliver();
    await world.drain();

    expect(await world.row()).toMatchObject({ state: 'delivered', attempts: 41, failures: 0 });
    expect((await world.row()).heldMs).toBe(40 * 60_000);
  });

  it('is not flooded by the backlog of a worker that was down', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const ids = Array.from({ length: 30 }, (_, index) => `evt-${index}`);
    await world.deliverMany(ids, ROOM);
    world.elapse(HOUR_MS);
    await world.drain();

    expect(world.sent).toHaveLength(30);
    expect(Math.min(...gaps(world))).toBeGreaterThanOrEqual(1_000);
  });

  it('is not flooded however often its workers are down, and gets its backlog at its pace', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const ids = Array.from({ length: 30 }, (_, index) => `evt-${index}`);
    await world.deliverMany(ids, ROOM);
    for (let times = 0; times < 3; times += 1) {
      world.elapse(HOUR_MS);
      await world.othersLineUp(ROOM);
      for (const { message } of world.queued.splice(0)) await world.deliver(message);
    }
    world.elapse(HOUR_MS);
    const backAt = world.deps.now().getTime();
    await world.drain();

    expect(world.sent).toHaveLength(30);
    expect(Math.min(...gaps(world))).toBeGreaterThanOrEqual(1_000);
    expect(world.deps.now().getTime() - backAt).toBeLessThan(30_000);
  });

  it('is not sent to by one that comes late and by the next in its turn at once', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    await world.deliverMany(['evt-1', 'evt-2'], ROOM);
    const [first, second] = world.queued;
    if (first === undefined || second === undefined) throw new Error('Somebody did not wait');

    // Their turns are 4 and 5 seconds from the start.
    world.elapse(4_900);
    await world.deliver(first.message);
    world.elapse(100);
    await world.deliver(second.message);

    expect(world.sent.map(({ atMs }) => atMs)).toEqual([4_900, 5_900]);
  });

  it('is not sent to at once by one whose worker was stopped and by those who came meanwhile', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const { sleep } = world.deps;
    await world.deliver(world.messageOf('evt-1'));
    let wasStopped = false;
    world.deps.sleep = async (ms) => {
      await sleep(wasStopped ? ms : ms + 60_000);
      if (!wasStopped) await world.deliver(world.messageOf('evt-3'));
      wasStopped = true;
    };
    await world.deliver(world.messageOf('evt-2'));

    expect(world.sent.map(({ eventId }) => eventId)).toEqual(['evt-1', 'evt-3', 'evt-2']);
    expect(gaps(world)).toEqual([61_000, 1_000]);
  });

  it('is reached also by a worker that is always late, while others come in time', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const { paceBook, now } = world.deps;
    await world.deliverMany(['evt-1'], ROOM);
    world.elapse(10 * 60_000);
    // A line without end: the turn of one of them is now.
    for (let turn = 0; turn < 500; turn += 1) {
      await paceBook.lineUp(ROOM.key, ROOM.everyMs, now());
    }
    await paceBook.pass({ ...ROOM, now: now(), withinMs: 0, hasTurn: true });
    for (const { message } of world.queued.splice(0)) await world.deliver(message);

    expect(await world.row()).toMatchObject({ state: 'delivered' });
    expect(world.sent.map(({ atMs }) => atMs)).toEqual([601_000]);
  });

  it('is not sent to when a rate limit begins while a worker sleeps until its turn', async () => {
    const world = deliveryWorld({ everyMs: 1_000 });
    const { paceBook, now, sleep } = world.deps;
    await paceBook.pass({ ...ROOM, now: now(), withinMs: 0, hasTurn: false });
    world.deps.sleep = async (ms) => {
      await paceBook.hold(ROOM.key, addMs(START, 20_000));
      await sleep(ms);
    };

    expect(await world.deliver()).toMatchObject({ outcome: 'waiting' });
    await world.drain();

    expect(world.sent.map(({ atMs }) => atMs)).toEqual([20_000]);
  });
});
