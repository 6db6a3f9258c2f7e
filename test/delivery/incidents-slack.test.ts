import { describe, expect, it, onTestFinished } from 'vitest';
import { TransientError } from '../../lib/errors.ts';
import type { Event } from '../../lib/events/event.ts';
import { type SlackWorldOptions, START, slackWorld } from '../support/slack-world.ts';
import { connectionEvent, failedCall } from './events.ts';

const MINUTE = 60_000;

const failure = (index: number, atMs = 0): Event => ({
  ...failedCall({ id: `call-${index}` }),
  id: `evt-${index}`,
  occurredAt: new Date(START + atMs).toISOString(),
});

async function world(options: Partial<SlackWorldOptions> = {}) {
  const made = await slackWorld({ channels: ['ops'], ...options });
  onTestFinished(made.workspace.close);
  return made;
}

describe('calls that fail one after the other for one reason', () => {
  it('are one message, with the others under it, each named once', async () => {
    const { tell, clock, told, workspace, crashes } = await world();
    for (let index = 0; index < 120; index += 1)
      tell(failure(index, index * 100), 'ops', index * 100);

    await clock.run(START + 2 * MINUTE);

    const ids = told('ops').flat();
    expect(crashes).toEqual([]);
    expect([...ids].sort()).toEqual(Array.from({ length: 120 }, (_, i) => `evt-${i}`).sort());
    const [first, ...others] = workspace.messages();
    expect(first?.threadTs).toBeUndefined();
    expect(new Set(others.map(({ threadTs }) => threadTs))).toEqual(new Set([first?.ts]));
    expect(others.length).toBeLessThan(6);
    expect(workspace.violations()).toEqual([]);
  });

  it('say at their first message how many there are', async () => {
    const { tell, clock, workspace } = await world();
    for (let index = 0; index < 30; index += 1) tell(failure(index), 'ops', index * 100);

    await clock.run(START + MINUTE);

    expect(workspace.messages()[0]?.seen).toContain('❌ 30 calls failed: no answer');
    expect(workspace.messages()[0]?.seen).toContain('call-0');
  });

  it('are told to be over once it has been quiet, with how many and for how long', async () => {
    const { tell, clock, workspace, row } = await world();
    for (let index = 0; index < 5; index += 1)
      tell(failure(index, index * MINUTE), 'ops', index * MINUTE);

    await clock.run(START + 30 * MINUTE);

    const note = workspace.messages().at(-1);
    expect(note).toMatchObject({ isBroadcast: true, threadTs: workspace.messages()[0]?.ts });
    expect(note?.seen).toContain('🟢 Recovered: 5 calls failed over 4 min');
    expect(workspace.messages()[0]?.seen).toContain('✅ Over: 5 calls failed');
    expect(await row(failure(3), 'ops')).toMatchObject({
      state: 'delivered',
      receipt: { channel: 'C0TEST0000' },
    });
  });

  it.each([
    { omit: [], isSaid: true },
    { omit: ['numbers'], isSaid: false },
  ])(
    'say what the destination omits ($omit) nowhere, first message and replies',
    async ({ omit, isSaid }) => {
      const settings = { numbers: 'full', omit };
      const { tell, clock, workspace } = await world({ settings });
      for (let index = 0; index < 5; index += 1) tell(failure(index), 'ops', index * 1_000);

      await clock.run(START + 30 * MINUTE);

      const said = workspace.messages().map(({ seen }) => /4567/.test(seen));
      expect(said.slice(0, 2)).toEqual([isSaid, isSaid]);
      expect(said.some(Boolean)).toBe(isSaid);
    },
  );

  it('begin a new message after that', async () => {
    const { tell, clock, workspace } = await world();
    tell(failure(0), 'ops');
    tell(failure(1), 'ops', 1_000);
    tell(failure(2), 'ops', 40 * MINUTE);

    await clock.run(START + 50 * MINUTE);

    const tops = workspace.messages().filter(({ threadTs }) => threadTs === undefined);
    expect(tops.map(({ metadata }) => metadata?.event_payload)).toEqual([
      { id: 'evt-0' },
      { id: 'evt-2' },
    ]);
  });

  it('show the channel again that it goes on', async () => {
    const { tell, clock, workspace } = await world({ settings: { incidents: { repeat: '10m' } } });
    for (let index = 0; index < 25; index += 1) tell(failure(index), 'ops', index * MINUTE);

    await clock.run(START + 26 * MINUTE);

    const shown = workspace.messages().filter(({ isBroadcast }) => isBroadcast);
    expect(shown).toHaveLength(2);
  });

  it('end without another word if there was only one', async () => {
    const { tell, clock, workspace } = await world();
    tell(failure(0), 'ops');

    await clock.run();

    expect(workspace.messages()).toHaveLength(1);
  });
});

describe('what a connection goes through', () => {
  it('is one thread from its trouble to its end', async () => {
    const { tell, clock, workspace } = await world();
    tell(connectionEvent({ id: 'down' }), 'ops');
    tell(connectionEvent({ id: 'up', type: 'connection.recovered' }), 'ops', 10 * MINUTE);

    await clock.run();

    const [down, up] = workspace.messages();
    expect(up).toMatchObject({ threadTs: down?.ts, isBroadcast: true });
    expect(up?.seen).toContain('works again');
    expect(down?.seen).toContain('✅ Over: 🔌 Connection clinic-riyadh is failing');
  });

  it('is told by itself where nobody was told of its trouble', async () => {
    const { tell, clock, workspace } = await world();
    tell(connectionEvent({ id: 'up', type: 'connection.recovered' }), 'ops');

    await clock.run();

    expect(workspace.messages()).toMatchObject([{ threadTs: undefined }]);
  });
});

describe('an incident in bad times', () => {
  const crowd = (tell: (event: Event, to: string, after: number) => void, count = 80) => {
    for (let index = 0; index < count; index += 1) tell(failure(index), 'ops', index * 150);
    return Array.from({ length: count }, (_, index) => `evt-${index}`).sort();
  };
  const namedOnce = (told: string[][]) =>
    told
      .flat()
      .filter((id) => !id.endsWith('#recovered'))
      .sort();

  it('tells each call once though Slack refuses, forgets and falls silent', async () => {
    const { tell, clock, told, workspace, crashes } = await world({
      slack: {
        faults: {
          ...{ tooManyRequests: 0.15, retryAfterSeconds: 7, errorBeforeCommit: 0.15 },
          ...{ errorAfterCommit: 0.15, lostAnswer: 0.15 },
        },
      },
    });
    const expected = crowd(tell);

    await clock.run(START + 60 * MINUTE);

    expect(crashes).toEqual([]);
    expect(namedOnce(told('ops'))).toEqual(expected);
    expect(workspace.violations()).toEqual([]);
  });

  it('is told though its first message can only be sent later', async () => {
    const { tell, clock, told, workspace } = await world();
    workspace.faults.errorBeforeCommit = { times: 3 };
    const expected = crowd(tell);

    await clock.run(START + 20 * MINUTE);

    expect(namedOnce(told('ops'))).toEqual(expected);
  });

  it('begins anew when its thread is closed to replies', async () => {
    const { tell, clock, told, workspace } = await world();
    workspace.faults.refuseReplies = { ops: 'restricted_action_thread_locked' };
    const expected = crowd(tell, 20);

    await clock.run(START + 20 * MINUTE);

    expect(namedOnce(told('ops'))).toEqual(expected);
  });

  it('is told by others when the one that was to tell them dies with its request made', async () => {
    const { tell, clock, told, deps } = await world();
    const { settle } = deps.incidents;
    let deaths = 1;
    Object.assign(deps.incidents, {
      settle: (...args: Parameters<typeof settle>) => {
        if (args[0].length < 2 || deaths === 0) return settle(...args);
        deaths -= 1;
        // Nothing of it is ever heard again; time goes on for everybody else.
        return clock.sleep(24 * 60 * MINUTE).then(() => []);
      },
    });
    const expected = crowd(tell);

    await clock.run(START + 20 * MINUTE);

    expect(deaths).toBe(0);
    expect(namedOnce(told('ops'))).toEqual(expected);
  });

  it('looks for each call by itself when a lost answer cannot be looked up at once', async () => {
    const { tell, clock, told, deps, workspace } = await world();
    const { find } = deps.sender;
    let failures = 1;
    Object.assign(deps.sender, {
      find: async (...args: Parameters<NonNullable<typeof find>>) => {
        failures -= 1;
        if (failures === 0) throw new TransientError('Slack is away');
        return find?.(...args);
      },
    });
    const expected = crowd(tell, 20);
    await clock.run(START + 2_000);
    workspace.faults.lostAnswer = { times: 1 };

    await clock.run(START + 20 * MINUTE);

    expect(failures).toBeLessThan(0);
    expect(namedOnce(told('ops'))).toEqual(expected);
  });

  it('ends only when everybody was told, be it that a message was lost', async () => {
    const { tell, clock, told, deps, workspace } = await world();
    const { send } = deps.queue;
    let losses = 1;
    Object.assign(deps.queue, {
      send: async (...args: Parameters<typeof send>) => {
        if (args[0].event.id === 'evt-1' && losses > 0) losses -= 1;
        else await send(...args);
      },
    });
    tell(failure(0), 'ops');
    tell(failure(2), 'ops', 2_000);
    tell(failure(1), 'ops', MINUTE);

    await clock.run();

    expect(losses).toBe(0);
    expect(namedOnce(told('ops'))).toEqual(['evt-0', 'evt-1', 'evt-2']);
    expect(workspace.messages().at(-1)?.seen).toContain('Recovered: 3 calls failed');
  });

  it('parks what a closed channel refuses, and leaves nobody waiting for its first message', async () => {
    const { tell, clock, workspace, row } = await world();
    workspace.faults.refuse = { ops: 'is_archived' };
    crowd(tell, 5);

    await clock.run(START + 20 * MINUTE);

    const rows = await Promise.all(
      Array.from({ length: 5 }, (_, index) => row(failure(index), 'ops')),
    );
    expect(rows.map((each) => each?.state)).toEqual(Array.from({ length: 5 }, () => 'parked'));
    expect(rows[0]).toMatchObject({ lastReason: 'is_archived' });
  });
});

describe('a webhook instead of a channel', () => {
  it('is told of the others in messages of their own, a minute apart', async () => {
    const { tell, clock, workspace } = await world({
      settings: { token: undefined, channel: undefined, url: 'env:URL' },
    });
    for (let index = 0; index < 60; index += 1) tell(failure(index), 'ops', index * 1_000);

    await clock.run(START + 5 * MINUTE);

    const seen = workspace.messages().map((message) => message.seen);
    for (let index = 0; index < 60; index += 1) {
      expect(seen.filter((text) => new RegExp(`call-${index}\\b`).test(text))).toHaveLength(1);
    }
    expect(workspace.messages().every(({ threadTs }) => threadTs === undefined)).toBe(true);
    expect(seen.length).toBeLessThan(5);
  });
});
