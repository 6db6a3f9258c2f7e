import { describe, expect, it } from 'vitest';
import { fakeProvider, fakeServer } from '../support/fake-provider.ts';
import { pollWorld } from '../support/poll-world.ts';
import { serverError } from '../support/scripted-hamsa.ts';

function setup(order: 'undocumented' | 'newest-first') {
  const world = pollWorld({}, { provider: fakeProvider(order) });
  const server = fakeServer(world.now);
  let made = 0;
  return {
    world,
    server,
    poll: () => world.poll({ http: server.http }),
    add: (count: number, status = 'done') => {
      for (let row = 0; row < count; row += 1) {
        server.rows.unshift({ id: `c${made}`, createdAt: world.ago(0), status });
        made += 1;
      }
    },
  };
}

describe('a list without a time filter', () => {
  it('is walked to its end where no page says how it is ordered', async () => {
    const { world, server, poll, add } = setup('undocumented');
    add(35);
    await poll();
    server.rows.push({ id: 'at-the-end', createdAt: world.ago(0), status: 'done' });
    world.pass(60);
    await poll();

    expect(world.told()).toHaveLength(36);
  });

  it('is walked until what is known where the newest come first', async () => {
    const { world, server, poll, add } = setup('newest-first');
    add(35);
    await poll();
    server.asked.length = 0;
    add(12);
    world.pass(60);
    await poll();

    expect(world.told()).toHaveLength(47);
    expect(server.asked).toEqual(['0', '10', '20']);
  });

  it('costs one page again after a first walk of more rows than are remembered', async () => {
    const { server, world, poll, add } = setup('newest-first');
    add(400);
    await poll();
    server.asked.length = 0;
    world.pass(60);
    await poll();

    expect(server.asked).toEqual(['0']);
  });

  it('loses nothing when a later page fails: what was shown before it is not known yet', async () => {
    const { world, server, poll, add } = setup('newest-first');
    add(35);
    server.trouble.at = 10;
    server.trouble.error = serverError();
    await poll();
    server.trouble.at = undefined;
    world.pass(600);
    await poll();

    expect(world.told()).toHaveLength(35);
  });

  it('tells of an open call that is still listed, and never ends, that it is stale', async () => {
    const { world, poll, add } = setup('newest-first');
    add(1, 'open');
    for (let hour = 0; hour < 30; hour += 1) {
      await poll();
      world.pass(3600);
    }

    expect(world.told()).toEqual(['call.stale c0']);
  });
});
