import { describe, expect, it } from 'vitest';
import type { DeliverDeps } from '../../lib/delivery/deliver-deps.ts';
import { type ReceiverKind, receiverKinds } from './receivers.ts';
import { type ChaosResult, runChaos } from './run-chaos.ts';

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1);

async function sumOf(kind: ReceiverKind, mutate?: (deps: DeliverDeps) => DeliverDeps) {
  const sum: ChaosResult = { doubled: 0, missing: 0, uncertain: 0, kills: 0 };
  for (const seed of SEEDS) {
    const result = await runChaos(seed, kind, mutate);
    for (const name of ['doubled', 'missing', 'uncertain', 'kills'] as const) {
      Object.assign(sum, { [name]: sum[name] + result[name] });
    }
  }
  return sum;
}

describe('workers that are killed at every step', () => {
  it.each(receiverKinds)('lose nothing of what is for %s', async (kind) => {
    const { missing, kills } = await sumOf(kind);

    expect(missing).toBe(0);
    expect(kills).toBeGreaterThan(80);
  });

  it('make one record of each event in a CRM, and leave none to a person', async () => {
    expect(await sumOf('crm')).toMatchObject({ doubled: 0, uncertain: 0 });
  });

  it('tell people of each call once, alone or with others of its incident', async () => {
    expect(await sumOf('slack')).toMatchObject({ doubled: 0 });
  });

  it('live through the same world for the same seed', async () => {
    expect(await runChaos(7, 'slack')).toEqual(await runChaos(7, 'slack'));
  });
});

describe('an engine with a bug is found out', () => {
  it.each<[string, keyof ChaosResult, (deps: DeliverDeps) => DeliverDeps]>([
    [
      'that believes nothing has arrived',
      'doubled',
      (deps) => ({
        ...deps,
        sender: { ...deps.sender, find: async () => ({ state: 'absent' }) },
      }),
    ],
    [
      'that forgets to order its messages',
      'missing',
      (deps) => ({ ...deps, queue: { send: async () => undefined } }),
    ],
    [
      'that takes whatever is not delivered yet for its own',
      'doubled',
      (deps) => ({
        ...deps,
        store: {
          ...deps.store,
          claim: async (request) => {
            const claim = await deps.store.claim(request);
            const isDone = claim.row.state === 'delivered';
            return isDone ? claim : { claimed: true, row: claim.row, before: undefined };
          },
        },
      }),
    ],
  ])('%s', async (_bug, trace, mutate) => {
    expect((await sumOf('crm', mutate))[trace]).toBeGreaterThan(0);
  });
});
