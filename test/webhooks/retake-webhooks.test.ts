import { describe, expect, it } from 'vitest';
import { samva } from '../../lib/providers/samva/index.ts';
import { retakeWebhooks } from '../../lib/webhooks/retake-webhooks.ts';
import { samvaRow } from '../support/scripted-samva.ts';
import { webhookWorld } from '../support/webhook-world.ts';

/** Samva, whose bodies nobody could make out yet. */
const unread = { ...samva, webhook: { ...samva.webhook, read: () => undefined } };

/** A polled connection for which a webhook was kept that carries its call, a minute after its first poll. */
async function worldWithOneKept({ facts = {} }: { facts?: object } = {}) {
  const world = webhookWorld({}, { provider: unread });
  await world.poll();
  world.pass(60);
  const cameAt = world.now();
  const body = { data: { ...samvaRow('a', world.now()), ...facts } };
  await world.send(body);
  const retake = async (target = { ...world.target, provider: samva }) =>
    retakeWebhooks(await world.kept.list('shop'), target, { ...world.deps, kept: world.kept });
  return { ...world, retake, body, cameAt };
}

describe('a webhook that is taken again', () => {
  it('is recorded and announced once its provider is understood, and kept no longer', async () => {
    const world = await worldWithOneKept();
    world.pass(3_600);

    const taken = await world.retake();

    expect(taken).toEqual({ carried: 1, hinted: 0, unattributed: 0, ignored: 0 });
    expect(world.told()).toEqual(['call.completed a']);
    expect(await world.kept.list('shop')).toEqual([]);
    const came = world.cameAt.toISOString();
    expect(world.stored('a')).toMatchObject({ via: 'webhook', seenAt: came, receivedAt: came });
  });

  it('changes nothing of what was seen since', async () => {
    const world = await worldWithOneKept({ facts: { summary: 'as of then' } });
    world.pass(60);
    world.server.rows.push({ ...world.body.data, summary: 'as of now' });
    await world.poll();
    world.pass(3_600);

    await world.retake();

    expect(world.stored('a')?.call.summary).toBe('as of now');
  });

  it('stays as it is while nobody can make it out, and is not counted again', async () => {
    const world = await worldWithOneKept();
    const counted = world.counted.length;
    const before = await world.kept.list('shop');
    world.pass(3_600);

    const taken = await world.retake(world.target);

    expect(taken.unattributed).toBe(1);
    expect(await world.kept.list('shop')).toEqual(before);
    expect(world.counted).toHaveLength(counted);
  });

  it('that dies before it is let go of is taken once more, and nobody is told twice', async () => {
    const world = await worldWithOneKept();
    const remove = () => Promise.reject(new Error('killed'));
    const dying = { ...world.deps, kept: { ...world.kept, remove } };
    const target = { ...world.target, provider: samva };

    const kept = await world.kept.list('shop');
    await expect(retakeWebhooks(kept, target, dying)).rejects.toThrow('killed');
    await world.retake();

    expect(world.told()).toEqual(['call.completed a']);
    expect(world.stored('a')?.version).toBe(1);
  });
});
