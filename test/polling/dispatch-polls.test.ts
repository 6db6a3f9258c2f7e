import { describe, expect, it } from 'vitest';
import { type DispatchDeps, dispatchPolls } from '../../lib/polling/dispatch-polls.ts';
import type { Failure } from '../../lib/polling/health-memory.ts';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import { dueInstants, pollInterval } from '../../lib/polling/schedule.ts';
import { pollTick, tickSchema } from '../../lib/polling/tick.ts';
import { dueSweeps } from '../../lib/ranges/due-sweeps.ts';
import { addMs } from '../../lib/time.ts';
import { connection, NOW } from '../support/calls.ts';
import { pollWorld } from '../support/poll-world.ts';
import { serverError } from '../support/scripted-hamsa.ts';

type Sent = Parameters<DispatchDeps['send']>[0][number];

/** A connection that is polled each minute, at a second of its own, unless it says otherwise. */
const written = (id: string, settings: Record<string, unknown> = {}) => ({
  id,
  provider: 'hamsa',
  key: 'env:KEY',
  poll: { every: '1m', max: '1m' },
  ...settings,
});

/** Dispatches the minute after noon. Connections named `new…` were never polled, so they are due at once. */
async function dispatch(
  connections: unknown[],
  {
    now = NOW,
    failures = {},
    states = {},
  }: {
    now?: Date;
    failures?: Record<string, Failure>;
    states?: Record<string, Partial<PollState>>;
  } = {},
) {
  const sent: Sent[] = [];
  const sweeps: unknown[] = [];
  const logged: unknown[] = [];
  const counted: unknown[] = [];
  const report = await dispatchPolls(NOW, {
    connections: async () => connections,
    states: async () =>
      new Map(
        connections
          .map((each) => String(Object(each).id))
          .filter((id) => !id.startsWith('new'))
          .map((id) => [
            id,
            { ...initialState(connection(), NOW), ...states[id], failure: failures[id] ?? null },
          ]),
      ),
    send: async (ticks) => {
      sent.push(...ticks);
    },
    sendSweeps: async (due) => {
      sweeps.push(...due);
    },
    now: () => now,
    log: (_level, message, fields) => logged.push([message, fields]),
    count: (...metric) => counted.push(metric),
  });
  const connectionsOf = sent.map(({ tick }) => tick.connections);
  return { report, sent, sweeps, logged, counted, connectionsOf };
}

describe('a minute', () => {
  it('is cut into messages of at most fifty connections', async () => {
    const many = Array.from({ length: 120 }, (_, id) => written(`new-${id}`));
    const { report, connectionsOf } = await dispatch(many);

    expect(report).toEqual({ connections: 120, polls: 120 });
    expect(connectionsOf.map((connections) => connections.length)).toEqual([50, 50, 20]);
    expect(connectionsOf.flat()).toEqual(many);
  });

  it('begins the sweeps that are due in it, each at its second', async () => {
    const dueOf = (id: string) => dueSweeps(id, NOW, addMs(NOW, 60_000));
    const ids = Array.from({ length: 20_000 }, (_, id) => `new-${id}`);
    const swept = ids.filter((id) => dueOf(id).length > 0).slice(0, 5);
    const { sweeps } = await dispatch([...ids.slice(0, 5), ...swept].map((id) => written(id)));
    const due = [...ids.slice(0, 5), ...swept].flatMap(dueOf);

    expect(due.length).toBeGreaterThanOrEqual(5);
    expect(sweeps).toEqual(
      due.map(({ message, at }) => ({
        message,
        delaySeconds: Math.ceil((at.getTime() - NOW.getTime()) / 1000),
        group: message.connection,
      })),
    );
  });

  it('keeps hosts apart, so that one that is slow holds up no other', async () => {
    const { sent } = await dispatch([
      written('new-a'),
      written('new-b', { baseUrl: 'https://b.example/v2' }),
      written('new-c'),
    ]);

    expect(sent.map(({ group, tick }) => [group, tick.connections.length])).toEqual([
      ['api.tryhamsa.com', 2],
      ['b.example', 1],
    ]);
  });

  it('puts off no poll by more than a sixteenth of its interval, so that polls can share a message', async () => {
    const ids = Array.from({ length: 300 }, (_, id) => `c${id}`);
    const pollOf = (index: number) => {
      const every = index < 30 ? '1m' : '4m';
      return { every, max: every };
    };
    const quiet = { lastChangeAt: addMs(NOW, -86_400_000).toISOString() };
    const { sent, report } = await dispatch(
      ids.map((id, index) => written(id, { poll: pollOf(index) })),
      { states: Object.fromEntries(ids.slice(0, 30).map((id) => [id, quiet])) },
    );

    const polls = sent.flatMap(({ tick, delaySeconds }) =>
      tick.connections.map((each) => ({
        id: String(Object(each).id),
        at: NOW.getTime() + delaySeconds * 1000,
      })),
    );
    expect(polls).toHaveLength(report.polls);
    for (const { id, at } of polls) {
      const index = Number(id.slice(1));
      const settings = connection({ id, poll: pollOf(index) });
      const state = { ...initialState(settings, NOW), ...(index < 30 && quiet) };
      const [due = 0] = dueInstants(settings, state, NOW, addMs(NOW, 60_000));
      const mayWaitMs = pollInterval(settings, state, NOW) / 16;
      expect(at - due).toBeGreaterThanOrEqual(0);
      expect(at - due).toBeLessThanOrEqual(Math.min(mayWaitMs, 30_000) + 1_000);
    }
    expect(report.polls / sent.length).toBeGreaterThan(8);
  });

  it('sends what is due later with a delay, within the minute', async () => {
    const { sent } = await dispatch([written('fast', { poll: { every: '5s', max: '5s' } })]);

    expect(sent).toHaveLength(12);
    for (const { tick, delaySeconds } of sent) {
      const leadMs = Date.parse(tick.dueAt) - NOW.getTime();
      expect(delaySeconds).toBe(Math.ceil(leadMs / 1000));
      expect(Date.parse(tick.expiresAt)).toBeGreaterThanOrEqual(
        NOW.getTime() + delaySeconds * 1000 + 5_000,
      );
    }
  });

  it('that is dispatched late is sent without delay, and not as expired', async () => {
    const { sent } = await dispatch([written('new-a')], { now: addMs(NOW, 50_000) });

    expect(sent[0]).toMatchObject({
      delaySeconds: 0,
      tick: { dueAt: addMs(NOW, 50_000).toISOString() },
    });
    expect(sent[0] && sent[0].tick.expiresAt > sent[0].tick.dueAt).toBe(true);
  });

  it('asks each second by messages that live long enough to arrive', async () => {
    const { sent } = await dispatch([written('fast', { poll: { every: '1s', max: '1s' } })]);

    expect(sent).toHaveLength(60);
    for (const { tick, delaySeconds } of sent) {
      const sentUntil = NOW.getTime() + delaySeconds * 1000;
      expect(Date.parse(tick.expiresAt)).toBeGreaterThanOrEqual(sentUntil + 15_000);
    }
  });

  it('hands on each connection as the operator wrote it', async () => {
    const [a, b] = [
      written('new-a', { firstRun: 'all' }),
      written('new-b', { poll: { every: '1m' } }),
    ];
    const { sent } = await dispatch([a, b]);

    expect(tickSchema.parse(JSON.parse(JSON.stringify(sent[0]?.tick))).connections).toEqual([a, b]);
  });

  it.each<[string, unknown]>([
    ['settings that cannot be read', written('broken', { poll: 'often' })],
    ['a provider that nobody knows', written('lost', { provider: 'hamza' })],
    ['no settings at all', null],
  ])('goes on without a connection of %s, says so and counts it', async (_what, connectionOf) => {
    const { report, logged, counted } = await dispatch([connectionOf, written('new-a')]);

    expect(report).toEqual({ connections: 1, polls: 1 });
    expect(logged).toHaveLength(1);
    expect(counted).toEqual([['ConnectionsFailing', 1]]);
  });

  it('counts the connections that people know to be failing, though none of them is due', async () => {
    const failure = { count: 3, reason: 'key_refused', since: NOW.toISOString(), announced: true };
    const { sent, counted } = await dispatch(
      [
        written('refused', { poll: { every: '10m', max: '10m' } }),
        written('hiccup', { poll: { every: '10m', max: '10m' } }),
        written('fine', { poll: { every: '10m', max: '10m' } }),
        written('broken', { poll: 'often' }),
      ],
      { failures: { refused: failure, hiccup: { ...failure, count: 1, announced: false } } },
    );

    expect(sent).toEqual([]);
    expect(counted).toEqual([['ConnectionsFailing', 2]]);
  });

  it('in which no connection is failing counts nothing', async () => {
    expect((await dispatch([written('fine'), written('new-a')])).counted).toEqual([]);
  });
});

describe('a tick', () => {
  const tick = (connections: unknown[], facts = {}) => ({
    dueAt: NOW.toISOString(),
    expiresAt: addMs(NOW, 60_000).toISOString(),
    connections,
    ...facts,
  });
  function setup() {
    const world = pollWorld();
    const logged: string[] = [];
    const counted: unknown[] = [];
    return {
      world,
      logged,
      counted,
      deps: {
        ...world.deps,
        log: (level: string, message: string) => logged.push(`${level} ${message}`),
        count: (...metric: unknown[]) => counted.push(metric),
      },
    };
  }

  it('polls each of its connections, though others are broken', async () => {
    const { world, deps, logged, counted } = setup();
    world.server.put('a', { status: 'FAILED' });
    const connections = [
      written('broken', { poll: 1 }),
      written('lost', { provider: 'hamza' }),
      written('fine', { firstRun: 'all' }),
    ];

    const report = await pollTick(tick(connections), deps);

    expect(report).toMatchObject({
      broken: 2,
      dropped: false,
      polls: [{ connection: 'fine', final: 1 }],
    });
    // A line of each poll that went well would be most of the log; the tick's line sums them up.
    expect(logged.toSorted()).toEqual([
      'debug polled',
      'error a poll broke',
      'error a poll broke',
      'info tick done',
    ]);
    expect(counted).toEqual([['ConnectionsFailing', 2]]);
  });

  it('leaves it to dispatch to count a connection that people know to be failing', async () => {
    const { world, deps, counted } = setup();
    const state = {
      ...initialState(connection(), NOW),
      version: 1,
      failure: { count: 3, reason: 'unreachable', since: NOW.toISOString(), announced: true },
    };
    await world.states.save('fine', state, '');
    world.server.script.instead = serverError;

    expect(await pollTick(tick([written('fine')]), deps)).toMatchObject({
      broken: 0,
      polls: [{ ok: false, failing: true }],
    });
    expect(counted).toEqual([]);
  });

  it('that came too late is dropped without a request', async () => {
    const { world, deps } = setup();
    world.pass(61);

    expect(await pollTick(tick([written('fine')]), deps)).toMatchObject({
      dropped: true,
      polls: [],
    });
    expect(world.server.asked).toEqual([]);
  });

  it('is worth something up to the very instant of its expiry', async () => {
    const { world, deps } = setup();
    world.pass(60);

    expect(await pollTick(tick([written('fine')]), deps)).toMatchObject({ dropped: false });
  });
});
