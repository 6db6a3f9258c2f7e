import { expect, it } from 'vitest';
import type { HttpClient } from '../../lib/http.ts';
import { quillon } from '../recipe/quillon.ts';
import { pollWorld } from '../support/poll-world.ts';

/** A list whose pages are named by tokens that only the page before tells. */
function setup() {
  const world = pollWorld({ provider: 'quillon' }, { provider: quillon });
  const calls: { id: string; created: number; state: string }[] = [];
  const tokens: string[] = [];
  const http: HttpClient = async ({ url }) => {
    const asked = (name: string) => url.searchParams.get(name);
    const token = asked('page_token');
    if (token) tokens.push(token);
    const matching = calls.filter(
      ({ created }) =>
        created >= Number(asked('created_from')) && created <= Number(asked('created_to')),
    );
    const start = token ? Number.parseInt(token.slice('after-'.length), 36) : 0;
    const end = start + Number(asked('page_size'));
    return {
      body: {
        calls: matching.slice(start, end),
        next_page_token: end < matching.length ? `after-${end.toString(36)}` : null,
      },
      requestedAt: world.now(),
      receivedAt: world.now(),
    };
  };
  return {
    tokens,
    add: (count: number) => {
      for (let row = 0; row < count; row += 1) {
        const created = Math.floor(world.now().getTime() / 1000);
        calls.unshift({ id: `q${calls.length}`, created, state: 'hung_up' });
      }
    },
    poll: async () => {
      await world.poll({ http });
      world.pass(60);
    },
    told: world.told,
  };
}

it('reads a list to its end whose pages are named by tokens', async () => {
  const { add, poll, tokens, told } = setup();

  add(120);
  await poll();
  add(5);
  await poll();

  expect(new Set(told()).size).toBe(125);
  expect(tokens.slice(0, 2)).toEqual(['after-1e', 'after-2s']);
});
