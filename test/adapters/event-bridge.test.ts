import { EventBridgeClient, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { eventBridge } from '../../lib/adapters/event-bridge.ts';
import { canaryCall, canaryEvent } from '../../lib/canary/canary.ts';
import type { Event } from '../../lib/events/event.ts';
import { driftNotice } from '../../lib/events/notice.ts';
import { NOW } from '../support/calls.ts';
import { answering, LOCAL } from '../support/sdk.ts';

const events = (count: number): Event[] =>
  Array.from({ length: count }, (_, rule) =>
    driftNotice({ id: 'clinic', provider: 'hamsa' }, { field: 'a', rule: String(rule) }, NOW),
  );

type Answer = { EventId?: string; ErrorCode?: string };

/** A bus that answers each entry by its rule, and how often each was put, request by request. */
function setup(answer: (rule: string, request: number) => Answer | undefined) {
  const requests: string[][] = [];
  const waits: number[] = [];
  const client = answering(
    new EventBridgeClient(LOCAL),
    ({ Entries = [] }: PutEventsCommandInput) => {
      const rules = Entries.map(({ Detail }) => String(JSON.parse(Detail ?? '').connection.rule));
      requests.push(rules);
      return { Entries: rules.flatMap((rule) => answer(rule, requests.length) ?? []) };
    },
  );
  const bus = eventBridge(client, 'callwire', async (ms) => {
    waits.push(ms);
  });
  return { bus, requests, waits };
}

const taken = { EventId: 'e' };
const refused = { ErrorCode: 'ThrottlingException' };

describe('the bus', () => {
  it('is told of canaries by another source, so that no rule of others sees them', async () => {
    const sources: (string | undefined)[] = [];
    const client = answering(
      new EventBridgeClient(LOCAL),
      ({ Entries = [] }: PutEventsCommandInput) => {
        sources.push(...Entries.map(({ Source }) => Source));
        return { Entries: Entries.map(() => taken) };
      },
    );

    await eventBridge(client, 'callwire', async () => {}).put([
      ...events(1),
      canaryEvent(canaryCall(NOW)),
    ]);

    expect(sources).toEqual(['callwire', 'callwire.canary']);
  });

  it('takes ten events a request, in order', async () => {
    const { bus, requests } = setup(() => taken);

    expect((await bus.put(events(23))).size).toBe(0);
    expect(requests.map((rules) => rules.length)).toEqual([10, 10, 3]);
    expect(requests.flat()).toEqual(Array.from({ length: 23 }, (_, rule) => String(rule)));
  });

  it('is asked again for those entries only that it refused, after ever longer waits', async () => {
    const { bus, requests, waits } = setup((rule, request) =>
      ['1', '3'].includes(rule) && request < 3 ? refused : taken,
    );

    expect((await bus.put(events(5))).size).toBe(0);
    expect(requests).toEqual([
      ['0', '1', '2', '3', '4'],
      ['1', '3'],
      ['1', '3'],
    ]);
    expect(waits).toEqual([100, 200]);
  });

  it('that keeps refusing an entry is told which, and takes the others', async () => {
    const all = events(12);
    const { bus, requests } = setup((rule) => (rule === '4' ? refused : taken));

    expect(await bus.put(all)).toEqual(new Set([all[4]?.id]));
    expect(requests.at(-1)).toEqual(['10', '11']);
  });

  it('that answers for fewer entries than it was given has not taken the others', async () => {
    const all = events(3);
    const { bus } = setup((rule) => (rule === '2' ? undefined : taken));

    expect(await bus.put(all)).toEqual(new Set([all[2]?.id]));
  });

  it('whose request fails has taken what it took before, and gets nothing after that', async () => {
    const all = events(33);
    const { bus, requests } = setup((_rule, request) => {
      if (request === 2) throw new Error('the bus is out of reach');
      return taken;
    });

    expect(await bus.put(all)).toEqual(new Set(all.slice(10).map(({ id }) => id)));
    expect(requests).toHaveLength(2);
  });

  it('whose second try of a refused entry fails has taken the others', async () => {
    const all = events(2);
    const { bus } = setup((rule, request) => {
      if (request === 2) throw new Error('the bus is out of reach');
      return rule === '0' ? refused : taken;
    });

    expect(await bus.put(all)).toEqual(new Set([all[0]?.id]));
  });

  it('that took nothing at all says why', async () => {
    const { bus } = setup(() => {
      throw new Error('the bus is gone');
    });

    await expect(bus.put(events(12))).rejects.toThrow('the bus is gone');
  });

  it('is not asked at all for nothing', async () => {
    const { bus, requests } = setup(() => taken);
    await bus.put([]);

    expect(requests).toEqual([]);
  });

  it('names source, type and time of each entry', async () => {
    const inputs: PutEventsCommandInput[] = [];
    const client = answering(new EventBridgeClient(LOCAL), (input: PutEventsCommandInput) => {
      inputs.push(input);
      return { Entries: [taken] };
    });
    const [event] = events(1);
    await eventBridge(client, 'bus-1', async () => {}).put(event ? [event] : []);

    expect(inputs[0]?.Entries).toEqual([
      {
        EventBusName: 'bus-1',
        Source: 'callwire',
        DetailType: 'provider.drifted',
        Detail: JSON.stringify(event),
        Time: NOW,
      },
    ]);
  });
});
