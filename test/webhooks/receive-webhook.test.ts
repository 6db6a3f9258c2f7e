import { describe, expect, it } from 'vitest';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { samva } from '../../lib/providers/samva/index.ts';
import { MAX_BODY_BYTES } from '../../lib/webhooks/receive-webhook.ts';
import { samvaRow } from '../support/scripted-samva.ts';
import { SECRET, webhookWorld } from '../support/webhook-world.ts';

const FORGED = { 'x-webhook-signature': `sha256=${'0'.repeat(64)}` };

/** A body that carries a call that ended half a minute after noon. */
const carrying = (world: ReturnType<typeof webhookWorld>, facts = {}) => ({
  timestamp: world.now().toISOString(),
  data: samvaRow('a', world.now(), facts),
});

/** With the state that the first poll leaves behind. */
async function polledWorld(written: Record<string, unknown> = {}) {
  const world = webhookWorld(written);
  await world.poll();
  world.reads.length = 0;
  world.pass(60);
  return world;
}

describe('what is no webhook of ours', () => {
  it.each([
    ['a connection of no such check', { connection: 'shop', check: 'A'.repeat(22) }],
    ['no check', { connection: 'shop', check: '' }],
    ['a connection that is not there', { connection: 'other', check: 'B'.repeat(22) }],
    ['a path out of the way', { connection: '../shop', check: '%00' }],
    ['a very long one', { connection: 'x'.repeat(5_000), check: 'y'.repeat(5_000) }],
  ])('is refused before anything is read: %s', async (_what, to) => {
    const world = webhookWorld();

    expect(await world.send({}, { to })).toBe(404);
    expect(world.reads).toEqual([]);
    expect([world.windows.count, world.ticks, world.counted]).toEqual([
      { reads: 0, writes: 0 },
      [],
      [],
    ]);
  });

  it('is refused where the connection takes none, after one read and before any secret', async () => {
    const world = webhookWorld({ webhook: undefined });

    expect(await world.send({})).toBe(404);
    expect(world.reads).toEqual(['connection shop']);
  });

  it('is refused over a megabyte before anything is read, and taken at a megabyte', async () => {
    const world = webhookWorld();
    const whole = JSON.stringify({ filler: '' });
    const largest = JSON.stringify({ filler: 'x'.repeat(MAX_BODY_BYTES - whole.length) });

    expect(await world.send(`${largest} `)).toBe(413);
    expect(world.reads).toEqual([]);
    expect(await world.send(largest)).toBe(200);
  });
});

describe('a forged webhook', () => {
  it('is refused without a word, counted, and stores nothing', async () => {
    const world = await polledWorld();

    expect(await world.send(carrying(world), { headers: FORGED })).toBe(401);
    expect(await world.send('garbage', { headers: {} })).toBe(401);
    expect(world.counted).toEqual(['WebhooksForged', 'WebhooksForged']);
    expect(world.reads.filter((read) => !/^(connection|secret)/.test(read))).toEqual([]);
    expect([world.stored('a'), world.ticks, world.unattributed]).toEqual([undefined, [], []]);
  });

  it('is answered 503 while a secret cannot be read: it may be signed with that one', async () => {
    const two = { webhook: { secrets: ['env:OLD', 'env:NEW'] } };
    const world = webhookWorld(two);
    const secret = async (reference: string) => {
      if (reference === 'env:OLD') throw new PermanentError('key_missing', 'env:OLD is not set');
      return SECRET;
    };

    expect(await world.send({}, { headers: FORGED, secret })).toBe(503);
    expect(await world.send({}, { secret })).toBe(200);
    expect(world.logged).toContainEqual(
      expect.objectContaining({ level: 'error', connection: 'shop', reason: 'env:OLD is not set' }),
    );
  });

  it('is what a webhook without any secret or scheme is taken for, but to be sent again', async () => {
    const unreadable = async () => {
      throw new TransientError('secret:a could not be read', { reason: 'key_unreadable' });
    };

    expect(await webhookWorld().send({}, { secret: unreadable })).toBe(503);
    expect(await webhookWorld({ provider: 'vozagent' }).send({})).toBe(503);
  });
});

describe('a webhook that carries its call', () => {
  it('is recorded and announced as a poll would have done, once however often it comes', async () => {
    const world = await polledWorld();
    const body = JSON.stringify(carrying(world));

    const answers = [await world.send(body), await world.send(body)];
    world.pass(600);
    answers.push(await world.send(body));

    expect(answers).toEqual([200, 200, 200]);
    expect(world.stored('a')).toMatchObject({ version: 1, revision: 1, via: 'webhook' });
    expect(world.told()).toEqual(['call.completed a']);
    expect(world.ticks).toEqual([]);
  });

  it('and the poll that lists the call later find the same', async () => {
    const world = await polledWorld();
    const body = carrying(world);
    await world.send(body);
    world.server.rows.push(body.data);

    world.pass(60);
    await world.poll();

    expect(world.stored('a')?.version).toBe(1);
    expect(world.told()).toEqual(['call.completed a']);
  });

  it('ends a call that was open, which polling then forgets', async () => {
    const world = webhookWorld();
    const begin = world.now();
    const open = { status: 'in-progress', endedAt: null, durationSeconds: null };
    world.server.rows.push(samvaRow('a', begin, open));
    await world.poll();
    world.pass(40);
    await world.send({ data: samvaRow('a', begin) });
    world.server.rows[0] = samvaRow('a', begin);
    world.pass(60);
    await world.poll();

    expect(world.told()).toEqual(['call.completed a']);
    expect(world.stored('a')).toMatchObject({ via: 'webhook', revision: 1 });
    expect(world.states.states.get('shop')?.open).toEqual([]);
  });

  it('shows what was true when it was sent, not when it came', async () => {
    const world = await polledWorld();
    const sentAt = world.now().toISOString();
    const body = carrying(world);
    world.pass(3_600);

    await world.send(body);

    expect(world.stored('a')).toMatchObject({
      seenAt: sentAt,
      receivedAt: world.now().toISOString(),
    });
  });

  it('says no later than its arrival, whatever it says', async () => {
    const world = await polledWorld();
    const data = samvaRow('a', world.now());

    await world.send({ timestamp: '2999-01-01T00:00:00Z', data });

    expect(world.stored('a')?.seenAt).toBe(world.now().toISOString());
  });

  it('is silent about what ended before the baseline', async () => {
    const world = webhookWorld({ firstRun: 'baseline' });
    const before = new Date(world.now().getTime() - 3_600_000);
    await world.poll();
    world.pass(60);

    await world.send({ data: samvaRow('a', before) });

    expect(world.stored('a')).toMatchObject({ silent: true });
    expect(world.told()).toEqual([]);
  });
});

describe('a webhook of a call that is final already', () => {
  async function finalWorld(facts: Record<string, unknown> = {}) {
    const world = webhookWorld();
    const begin = world.now();
    const row = (other = {}) => samvaRow('a', begin, { ...facts, ...other });
    world.server.rows.push(row());
    world.pass(60);
    await world.poll();
    world.pass(60);
    return { world, row };
  }

  it('adds what was not known', async () => {
    const { world, row } = await finalWorld();

    await world.send({ data: row({ summary: 'They booked' }) });

    expect(world.stored('a')?.call.summary).toBe('They booked');
    expect(world.told()).toEqual(['call.completed a', 'call.updated a']);
    expect(world.ticks).toEqual([]);
  });

  it.each([
    ['another outcome', { status: 'failed' }],
    ['another duration', { durationSeconds: 5 }],
    ['another summary', { summary: 'Something else' }],
    ['an attribute that is another', { metadata: { errorCode: 'E2' } }],
  ])('changes nothing when it says %s, and has the connection polled', async (_what, facts) => {
    const known = { summary: 'They booked', metadata: { errorCode: 'E1' }, status: 'completed' };
    const { world, row } = await finalWorld(known);

    expect(await world.send({ data: row(facts) })).toBe(200);

    expect(world.stored('a')).toMatchObject({ version: 1, via: 'poll' });
    expect(world.ticks).toHaveLength(1);
  });

  it('cannot hide from polling what its row came to say again', async () => {
    // Row A, webhook B, row A: to polling the row never changed, so nobody would correct B.
    const { world, row } = await finalWorld();
    await world.send({ data: row({ status: 'failed', summary: 'added' }) });
    world.pass(60);
    await world.poll();
    await world.poll();

    expect(world.stored('a')?.call).toMatchObject({ outcome: 'completed', reason: null });
    expect(world.told()).toEqual(['call.completed a', 'call.updated a']);
  });

  it('cannot do so either when a poll ends the call while the webhook is being taken', async () => {
    const { world, row } = await finalWorld({ status: 'in-progress', endedAt: null });
    const overtaken: typeof world.deps.calls = {
      ...world.deps.calls,
      get: async (connection, ids, options) => {
        const known = await world.deps.calls.get(connection, ids, options);
        if (world.stored('a')?.version === 1) {
          world.server.rows[0] = row({ status: 'completed', endedAt: world.now().toISOString() });
          await world.poll();
        }
        return known;
      },
    };
    const endedAt = world.now().toISOString();

    await world.send({ data: row({ status: 'failed', endedAt }) }, { calls: overtaken });

    expect(world.stored('a')?.call.outcome).toBe('completed');
    expect(world.told()).toEqual(['call.completed a']);
    expect(world.ticks).toHaveLength(1);
  });
});

describe('a hint', () => {
  it.each([
    ['carries no call', {}],
    ['carries a call that is open', { data: { status: 'in-progress', endedAt: null } }],
    ['carries a call without an end', { data: { endedAt: null } }],
    ['carries part of a call', { data: { direction: undefined } }],
    ['carries a call of the wrong shape', { data: { durationSeconds: 'a while' } }],
    ['carries a call without an id', { data: { id: '' } }],
  ])('is what %s: its connection is polled at once', async (_what, { data }: { data?: object }) => {
    const world = await polledWorld();
    const body = data ? { data: { ...samvaRow('a', world.now()), ...data } } : { event: 'x' };

    expect(await world.send(body)).toBe(200);
    expect(world.stored('a')).toBeUndefined();
    expect(world.ticks).toMatchObject([{ tick: { hinted: true }, delaySeconds: 0 }]);
    expect(world.unattributed).toEqual([]);
  });

  it('is what comes before the first poll, which decides what is news', async () => {
    const world = webhookWorld();

    await world.send(carrying(world));

    expect(world.stored('a')).toBeUndefined();
    expect(world.ticks).toHaveLength(1);
  });

  it('is a call of a provider whose detail says what readers miss', async () => {
    const { detail } = samva;
    if (!detail) throw new Error('Samva’s calls are read by id');
    const provider = { ...samva, detail: { ...detail, enriches: true } };
    const world = webhookWorld({}, { provider });
    await world.poll();
    world.pass(60);

    await world.send(carrying(world));

    expect([world.stored('a'), world.ticks.length]).toEqual([undefined, 1]);
  });

  it('is a call that the operator’s override keeps open, whatever its end', async () => {
    const world = await polledWorld({ statusOverrides: { completed: 'in_progress' } });

    await world.send(carrying(world));

    expect([world.stored('a'), world.ticks.length]).toEqual([undefined, 1]);
  });

  it('marks the calls whose end its poll saw first', async () => {
    const world = await polledWorld();
    world.server.rows.push(samvaRow('a', world.now()));

    await world.poll({ hinted: true });

    expect(world.stored('a')?.via).toBe('hint');
  });
});

describe('a webhook that says nothing about calls', () => {
  it('is taken, and nobody is asked for anything', async () => {
    const world = webhookWorld({ provider: 'hamsa' });
    const headers = { authorization: `Token ${SECRET}` };
    const event = { eventType: 'transcription.update', callId: 'a' };

    expect(await world.send(event, { headers })).toBe(200);
    expect(await world.send({ ...event, eventType: 'call.ended' }, { headers })).toBe(200);
    expect(world.ticks).toHaveLength(1);
  });
});

describe('a webhook that nobody can make out', () => {
  it.each([
    ['{"half":', 'text', 'is not JSON'],
    ['', 'text', 'is not JSON'],
    ['[1]', 'text', 'is not what the provider describes'],
    [new Uint8Array([0xff, 0x00]), 'base64', 'is not text'],
  ])('is kept as it came, counted, and its connection polled: %j', async (body, encoding, rule) => {
    const world = webhookWorld();

    expect(await world.send(body)).toBe(200);

    const [kept] = world.unattributed;
    expect(kept).toMatchObject({ connection: 'shop', encoding, rule });
    const isText = encoding === 'text';
    expect(Buffer.from(kept?.body ?? '', isText ? 'utf8' : 'base64')).toEqual(Buffer.from(body));
    expect(world.counted).toEqual(['WebhooksUnattributed']);
    expect(world.ticks).toHaveLength(1);
  });

  it('is not answered before it is safe', async () => {
    const world = webhookWorld();
    const keep = async () => {
      throw new Error('DynamoDB is busy');
    };

    await expect(world.send('garbage', { unattributed: { keep } })).rejects.toThrow('busy');
  });
});

it('logs neither what was sent nor by whom', async () => {
  const world = await polledWorld();
  await world.send(carrying(world));
  await world.send('garbage +96170123456');
  await world.send(carrying(world), { headers: { ...FORGED, 'user-agent': 'Mallory' } });

  expect(world.logged).toEqual([
    { level: 'debug', message: 'webhook', connection: 'shop', outcome: 'carried' },
    { level: 'debug', message: 'webhook', connection: 'shop', outcome: 'unattributed' },
    { level: 'debug', message: 'webhook', connection: 'shop', outcome: 'forged' },
  ]);
});

describe('polling of a connection with good webhooks', () => {
  it('learns from them, once, when its calls come and how long they last', async () => {
    const world = await polledWorld();
    const before = world.states.states.get('shop')?.lastChangeAt ?? '';
    const body = carrying(world);
    await world.send(body);
    world.server.rows.push(body.data);
    world.pass(60);
    await world.poll();
    const learned = world.states.states.get('shop');
    // As if many other rows had pushed it out of what the connection remembers.
    world.states.recents.set('shop', '');
    world.pass(60);
    await world.poll();

    expect(learned?.lastChangeAt).not.toBe(before);
    expect(learned?.pace.lengths.reduce((sum, count) => sum + count)).toBe(1);
    const { lastChangeAt, pace } = world.states.states.get('shop') ?? {};
    expect({ lastChangeAt, pace }).toEqual({
      lastChangeAt: learned?.lastChangeAt,
      pace: learned?.pace,
    });
  });
});
