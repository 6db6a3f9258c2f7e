import { expect, it, onTestFinished } from 'vitest';
import { sender } from '../../lib/destinations/hubspot/send.ts';
import { startHubSpot } from '../../lib/local/simulators/hubspot.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { deliveryWorld } from './delivery-world.ts';

const EVENTS = 40;
const ROOM = { key: 'hubspot#env:HUBSPOT', everyMs: 500 };

it('a backlog searches HubSpot for contacts at its pace, however often its workers were down', async () => {
  const world = deliveryWorld();
  const account = await startHubSpot({
    token: 'value of env:HUBSPOT',
    now: () => world.deps.now().getTime(),
    searchLimit: { perSecond: 2, burst: 1 },
  });
  onTestFinished(() => account.close());
  world.deps.sender = sender;
  const settings = { id: 'ops', kind: 'hubspot', token: 'env:HUBSPOT', baseUrl: account.url };
  world.configured.set('ops', settings);
  const ids = Array.from({ length: EVENTS }, (_, index) => `evt-${index}`);

  await world.othersLineUp(ROOM);
  await world.deliverMany(ids, ROOM);
  for (let times = 0; times < 2; times += 1) {
    world.elapse(HOUR_MS);
    await world.othersLineUp(ROOM);
    await world.othersLineUp(ROOM);
    for (const { message } of world.queued.splice(0)) await world.deliver(message);
  }
  world.elapse(HOUR_MS);
  await world.drain();

  const searches = account.requests().filter((request) => request.includes('/search'));
  expect(searches).toHaveLength(EVENTS);
  expect(account.violations()).toEqual([]);
  expect(account.records()).toHaveLength(1);
});
