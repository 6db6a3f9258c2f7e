import { expect, it, onTestFinished } from 'vitest';
import { sender } from '../../lib/destinations/salesforce/send.ts';
import { startSalesforce } from '../../lib/local/simulators/salesforce.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { deliveryWorld } from './delivery-world.ts';
import { callEvent } from './events.ts';

const APP = { clientId: 'client_0123456789', clientSecret: 'value of env:SF' };
const CALLS = 30;

/** Salesforce's look-alike and the delivery engine, on one clock that nobody waits for. */
async function salesforceDeliveries() {
  const world = deliveryWorld();
  const org = await startSalesforce({ ...APP, now: () => world.deps.now().getTime() });
  onTestFinished(() => org.close());
  world.deps.sender = sender;
  world.configured.set('ops', {
    id: 'ops',
    kind: 'salesforce',
    url: 'https://acme.my.salesforce.com',
    clientId: APP.clientId,
    clientSecret: 'env:SF',
    baseUrl: org.url,
    contacts: { none: 'create' },
  });
  const messageOf = (index: number) => ({
    ...world.messageOf(),
    event: callEvent({ id: `evt-${index}` }, { id: `call-${index}` }),
  });
  return { world, org, messageOf };
}

it('logs each call once, whatever Salesforce does', async () => {
  const { world, org, messageOf } = await salesforceDeliveries();
  Object.assign(org.faults, {
    tooManyRequests: 0.1,
    locked: 0.1,
    queryTimeout: 0.1,
    errorBeforeCommit: 0.1,
    errorAfterCommit: 0.1,
    lostAnswer: 0.1,
  });
  const messages = Array.from({ length: CALLS }, (_, index) => messageOf(index));

  for (const message of messages) await world.deliver(message);
  await world.drain();

  for (const message of messages)
    expect(await world.row(message)).toMatchObject({ state: 'delivered' });
  expect(org.tasks()).toHaveLength(CALLS);
  expect(org.leads()).toHaveLength(1);
});

it('finds what a worker wrote that died before it could note so', async () => {
  const { world, org, messageOf } = await salesforceDeliveries();
  const { save } = world.deps.store;
  world.deps.store.save = async () => {
    throw new Error('The worker dies');
  };
  await expect(world.deliver(messageOf(0))).rejects.toThrow();
  world.deps.store.save = save;
  expect(org.tasks()).toMatchObject([{ writes: 1 }]);

  world.elapse(HOUR_MS);
  await world.deliver(messageOf(0));
  await world.drain();

  expect(await world.row(messageOf(0))).toMatchObject({
    state: 'delivered',
    receipt: { task: org.tasks()[0]?.id },
  });
  expect(org.tasks()).toMatchObject([{ writes: 1 }]);
});
