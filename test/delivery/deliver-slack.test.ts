import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryMessage } from '../../lib/delivery/delivery.ts';
import { sender } from '../../lib/destinations/slack/send.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { deliveryWorld, START } from './delivery-world.ts';
import { callEvent } from './events.ts';

const EVENTS = 120;
const ids = Array.from({ length: EVENTS }, (_, index) => `evt-${index}`);

/** Failures for one reason would be told together: see `incidents-slack.test.ts`. */
const completed = (id: string): DeliveryMessage => ({
  event: callEvent({ id }),
  destination: 'ops',
  heldMs: 0,
});

/** Slack's look-alike and the delivery engine on one clock that nobody waits for. */
describe('deliveries to Slack', () => {
  let workspace: SlackLookalike;
  let world: ReturnType<typeof deliveryWorld>;

  beforeEach(async () => {
    world = deliveryWorld();
    workspace = await startSlack({
      token: 'value of env:SLACK',
      channels: [{ id: 'C0123456789', name: 'voice-ops' }],
      now: () => world.deps.now().getTime(),
      limit: { perSecond: 1, burst: 1 },
    });
    world.deps.sender = sender;
    world.configured.set('ops', {
      ...{ id: 'ops', kind: 'slack', token: 'env:SLACK' },
      ...{ channel: 'C0123456789', baseUrl: workspace.apiUrl },
    });
    return () => workspace.close();
  });

  const deliverAll = async () => {
    await world.othersLineUp({ key: 'slack#C0123456789', everyMs: 1_000 });
    for (const id of ids) await world.deliver(completed(id));
    await world.drain();
  };
  const arrivals = () =>
    workspace.messages().map(({ metadata }) => JSON.stringify(metadata?.event_payload));
  const expected = () => ids.map((id) => JSON.stringify({ id }));

  it('keep its pace to the second, so that it has nothing to refuse', async () => {
    await deliverAll();

    expect(arrivals()).toEqual(expected());
    expect(workspace.violations()).toEqual([]);
    expect(world.deps.now().getTime() - START.getTime()).toBeLessThan((EVENTS + 10) * 1_000);
  });

  it('arrive once each, whatever goes wrong on the way', async () => {
    Object.assign(workspace.faults, {
      tooManyRequests: 0.1,
      retryAfterSeconds: 7,
      errorBeforeCommit: 0.1,
      errorAfterCommit: 0.1,
      lostAnswer: 0.1,
    });

    await deliverAll();

    expect(arrivals().sort()).toEqual(expected().sort());
    expect(workspace.violations()).toEqual([]);
    for (const id of ids) {
      expect(await world.row(completed(id))).toMatchObject({ state: 'delivered' });
    }
  });
});
