import type { APIGatewayProxyEventV2, Context, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHandler as createDispatch } from '../../functions/dispatch.ts';
import { createHandler as createPoll } from '../../functions/poll.ts';
import { createHandler as createPublish } from '../../functions/publish.ts';
import { createHandler as createRepublish } from '../../functions/republish.ts';
import { createHandler as createRoute } from '../../functions/route.ts';
import { createHandler as createSweep } from '../../functions/sweep.ts';
import { createHandler as createWebhook } from '../../functions/webhook.ts';
import type { PollFunctionDeps } from '../../lib/adapters/deps/poll.ts';
import { nextVersion } from '../../lib/calls/version.ts';
import { allAnnouncements } from '../../lib/events/announcements.ts';
import type { Tick } from '../../lib/polling/tick.ts';
import { look, NOW, policy } from '../support/calls.ts';
import { memoryBus } from '../support/memory-calls.ts';
import { pollWorld } from '../support/poll-world.ts';
import { rangeWorld } from '../support/range-world.ts';
import { webhookWorld } from '../support/webhook-world.ts';

/** What the handlers use of Lambda's context. */
const context = (remainingMs = 60_000) =>
  ({
    functionName: 'test',
    awsRequestId: 'request-1',
    getRemainingTimeInMillis: () => remainingMs,
  }) as Context & { deps: never };

/** What the handlers read of a batch of messages. */
const messages = (...bodies: string[]) =>
  ({ Records: bodies.map((body, id) => ({ messageId: `m${id}`, body })) }) as SQSEvent;

afterEach(() => {
  vi.useRealTimers();
});

const stored = nextVersion(undefined, look(0), policy());

describe('dispatch', () => {
  const deps = (sent: unknown[]) => ({
    connections: async () => [
      { id: 'clinic', provider: 'hamsa', key: 'env:KEY', poll: { every: '1m' } },
    ],
    states: async () => new Map(),
    send: async (ticks: readonly unknown[]) => {
      sent.push(...ticks);
    },
    sendSweeps: async () => {},
    now: () => NOW,
    log: () => {},
    count: () => {},
  });

  it('sends the ticks of the minute that the schedule names', async () => {
    const sent: unknown[] = [];
    const handler = createDispatch(() => deps(sent));

    expect(await handler({ scheduledAt: NOW.toISOString() }, context())).toEqual({
      connections: 1,
      polls: 1,
    });
    expect(sent).toMatchObject([{ tick: { dueAt: NOW.toISOString() } }]);
  });

  it.each([{}, { scheduledAt: '<aws.scheduler.scheduled-time>' }])(
    'throws for %j, so that its alarm rings',
    async (event) => {
      await expect(createDispatch(() => deps([]))(event, context())).rejects.toThrow();
    },
  );

  it('builds its dependencies once, and again only after a build that failed', async () => {
    let builds = 0;
    const handler = createDispatch(() => {
      builds += 1;
      if (builds === 1) throw new Error('CONTROL_TABLE is not set');
      return deps([]);
    });
    const event = { scheduledAt: NOW.toISOString() };

    await expect(handler(event, context())).rejects.toThrow('CONTROL_TABLE');
    await handler(event, context());
    await handler(event, context());
    expect(builds).toBe(2);
  });
});

describe('poll', () => {
  const tick: Tick = {
    dueAt: NOW.toISOString(),
    expiresAt: NOW.toISOString(),
    connections: [{ id: 'clinic', provider: 'hamsa', key: 'env:KEY', firstRun: 'all' }],
  };
  function setup() {
    const world = pollWorld();
    const { deadline: _theirs, ...deps } = world.deps;
    const all: PollFunctionDeps = { ...deps, log: () => {}, count: () => {} };
    return { world, handler: createPoll(() => all) };
  }

  it('polls what a message names, and reports exactly the messages that cannot be read', async () => {
    const { world, handler } = setup();
    world.server.put('a', { status: 'FAILED' });

    const answer = await handler(messages('no JSON', JSON.stringify(tick), '{}'), context());

    expect(answer).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm2' }],
    });
    expect(world.told()).toEqual(['call.failed a']);
  });

  it('fails as a whole when every message does, so that Lambda counts it as an error', async () => {
    const { handler } = setup();

    await expect(handler(messages('{}', 'no JSON'), context())).rejects.toThrow(
      '2 of 2 messages failed',
    );
    expect(await handler({ Records: [] }, context())).toEqual({ batchItemFailures: [] });
  });

  it.each([
    [14, 0],
    [16, 1],
  ])(
    'that has %i seconds left makes %i requests: fifteen are kept back',
    async (left, requests) => {
      // The handler reckons from the real clock, the world from its own.
      vi.useFakeTimers({ toFake: ['Date'], now: NOW });
      const { world, handler } = setup();

      await handler(messages(JSON.stringify(tick)), context(left * 1000));

      expect(world.server.asked).toHaveLength(requests);
    },
  );
});

describe('sweep', () => {
  it('works on what a message names, and reports exactly the messages that cannot be read', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    const world = rangeWorld();
    const { deadline: _theirs, ...deps } = world.deps;
    const handler = createSweep(() => deps);
    world.server.put('a', { status: 'FAILED' });
    const sweep = { connection: 'clinic', kind: 'daily', job: '2026-11-20', step: 0 };

    const answer = await handler(messages('{}', JSON.stringify(sweep)), context());

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(world.told()).toEqual(['call.failed a']);
  });
});

describe('webhook', () => {
  /** What the handler reads of a request. */
  const request = (world: ReturnType<typeof webhookWorld>, body?: string | Buffer) => {
    const read: Partial<APIGatewayProxyEventV2> = {
      headers: world.signed(body ?? ''),
      pathParameters: world.path,
      isBase64Encoded: Buffer.isBuffer(body),
      body: Buffer.isBuffer(body) ? body.toString('base64') : body,
    };
    return read as APIGatewayProxyEventV2;
  };

  it('verifies the bytes that were sent, whether they come as text, as base64 or not at all', async () => {
    const world = webhookWorld();
    const handler = createWebhook(() => world.deps);

    expect(await handler(request(world, '{"name":"مركز"}'), context())).toEqual({
      statusCode: 200,
    });
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    expect(await handler(request(world, bytes), context())).toEqual({ statusCode: 200 });
    expect(await handler(request(world), context())).toEqual({ statusCode: 200 });
    expect(world.unattributed.map(({ encoding }) => encoding)).toEqual(['base64', 'text']);
  });

  it('answers 404 where the path has nothing of ours', async () => {
    const world = webhookWorld();
    const { pathParameters: _none, ...bare } = request(world, '{}');

    expect(
      await createWebhook(() => world.deps)(bare as APIGatewayProxyEventV2, context()),
    ).toEqual({
      statusCode: 404,
    });
  });

  it('answers 503 for trouble of ours, so that it is sent again', async () => {
    const world = webhookWorld();
    const busy = async () => {
      throw new Error('DynamoDB is busy');
    };
    const failing = createWebhook(() => ({ ...world.deps, target: busy }));
    const unbuilt = createWebhook(() => {
      throw new Error('CALLS_TABLE is not set');
    });

    expect(await failing(request(world, '{}'), context())).toEqual({ statusCode: 503 });
    expect(await unbuilt(request(world, '{}'), context())).toEqual({ statusCode: 503 });
  });
});

describe('publish', () => {
  const record = (SequenceNumber: string) => ({ dynamodb: { SequenceNumber, NewImage: {} } });

  it('says from which record on the stream has to deliver again', async () => {
    const handler = createPublish(() => ({ bus: memoryBus(), log: () => {} }));
    // The handler takes any record: what is none of ours is the case under test.
    const event = { Records: [record('1'), record('2')] } as DynamoDBStreamEvent;

    expect(await handler(event, context())).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
    expect(await handler({ Records: [] }, context())).toEqual({ batchItemFailures: [] });
  });
});

describe('republish', () => {
  const setup = (unreadable: number, refuses = false) => {
    const bus = memoryBus(() => refuses);
    const items = stored ? [{ call: stored }] : [];
    const handler = createRepublish(() => ({
      bus,
      log: () => {},
      itemsOf: async () => ({ items, unreadable }),
    }));
    return { bus, handler };
  };

  it('announces the items of a failed batch', async () => {
    const { bus, handler } = setup(0);

    expect(await handler(messages('{}'), context())).toEqual({ batchItemFailures: [] });
    expect(bus.events).toHaveLength(1);
  });

  it('announces what it can, and keeps the message when an item cannot be read', async () => {
    const { bus, handler } = setup(1);

    await expect(handler(messages('{}'), context())).rejects.toThrow('1 of 1 messages failed');
    expect(bus.events).toHaveLength(1);
  });

  it('keeps the message when the bus refuses', async () => {
    const { handler } = setup(0, true);

    await expect(handler(messages('{}'), context())).rejects.toThrow('1 of 1 messages failed');
  });
});

describe('route', () => {
  const routed = async (envelope: object) => {
    const sent: { event: { replay: boolean } }[] = [];
    const route = { id: 'all', when: {}, to: ['ops'], continue: false };
    const handler = createRoute(() => ({
      routing: async () => ({
        routes: [route],
        kinds: new Map([['ops', 'slack']]),
        fallbacks: new Map(),
        silences: [],
      }),
      now: () => NOW,
      log: () => {},
      send: async (_kind, message) => void sent.push(message),
    }));
    const [detail] = stored ? allAnnouncements(stored) : [];
    await handler(messages(JSON.stringify({ detail, ...envelope })), context());
    return sent.map(({ event }) => event.replay);
  };

  it('tells an event as it is on the bus', async () => {
    expect(await routed({ 'detail-type': 'call.completed' })).toEqual([false]);
  });

  it('marks what an archive replays as a replay', async () => {
    expect(await routed({ 'replay-name': 'last-friday' })).toEqual([true]);
  });
});
