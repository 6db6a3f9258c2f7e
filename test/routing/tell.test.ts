import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { routingIn } from '../../lib/adapters/deps/route.ts';
import type { Route } from '../../lib/config/settings.ts';
import type { Event } from '../../lib/events/event.ts';
import type { Silence } from '../../lib/routing/silence.ts';
import { tell } from '../../lib/routing/tell.ts';
import { answering, LOCAL } from '../support/sdk.ts';
import { callEvent, deliveryFailing } from './events.ts';

interface Configured {
  /** Destinations that the one route names. */
  to: string[];
  /** Kinds by destination. */
  kinds: Record<string, string>;
  silences?: unknown[];
  /** Fallbacks by destination. */
  fallbacks?: Record<string, string>;
}

const silence = (some: Partial<Silence> = {}): Silence => ({
  id: 'works',
  when: { connection: 'clinic' },
  to: ['ops'],
  author: 'Rana',
  comment: 'The provider moves house',
  createdAt: '1970-01-01T00:00:00.000Z',
  until: '1970-01-01T00:01:00.000Z',
  ...some,
});

/** A Control table whose content changes, read as the function reads it. */
function setup(configured: Configured) {
  let time = 0;
  const sent: [kind: string, destination: string][] = [];
  const logged: unknown[] = [];
  const client = answering(
    DynamoDBDocumentClient.from(new DynamoDBClient(LOCAL)),
    ({
      ExpressionAttributeValues: values,
    }: {
      ExpressionAttributeValues: Record<string, string>;
    }) => {
      const routes: Route[] = [{ id: 'all', when: {}, to: configured.to, continue: false }];
      const destinations = Object.entries(configured.kinds).map(([id, kind]) => ({
        id,
        kind,
        fallback: configured.fallbacks?.[id],
      }));
      const [heading] = Object.values(values);
      if (heading === 'silences') {
        return { Items: configured.silences?.map((each) => ({ silence: each })) ?? [] };
      }
      const asked = heading === 'config#routes' ? [routes] : destinations;
      return { Items: asked.map((settings, at) => ({ sk: String(at), settings })) };
    },
  );
  const deps = {
    routing: routingIn(client, 'Control', () => new Date(time)),
    now: () => new Date(time),
    log: (_level: string, message: string, fields?: object) => {
      logged.push({ message, ...fields });
    },
    send: async (kind: string, { destination }: { destination: string }) => {
      sent.push([kind, destination]);
    },
  };
  return {
    sent,
    logged,
    apply: (changed: Configured) => Object.assign(configured, changed),
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
    tell: (event: Event = callEvent()) => tell(event, deps),
  };
}

describe('telling an event', () => {
  it('puts it into the queue of the kind of each destination', async () => {
    const world = setup({ to: ['ops', 'crm'], kinds: { ops: 'slack', crm: 'hubspot' } });

    expect(await world.tell()).toEqual(['ops', 'crm']);
    expect(world.sent).toEqual([
      ['slack', 'ops'],
      ['hubspot', 'crm'],
    ]);
  });

  it('follows a changed route after half a minute', async () => {
    const world = setup({ to: ['ops'], kinds: { ops: 'slack', hook: 'webhook' } });
    await world.tell();
    world.apply({ to: ['hook'], kinds: { ops: 'slack', hook: 'webhook' } });

    world.pass(29);
    expect(await world.tell()).toEqual(['ops']);
    world.pass(1);
    expect(await world.tell()).toEqual(['hook']);
  });

  it('finds a renamed destination together with the route that names it', async () => {
    const world = setup({ to: ['ops'], kinds: { ops: 'slack' } });
    await world.tell();
    world.apply({ to: ['support'], kinds: { support: 'slack' } });

    for (const seconds of [10, 10, 10]) {
      world.pass(seconds);
      await world.tell();
    }

    expect(world.sent.map(([, destination]) => destination)).toEqual([
      'ops',
      'ops',
      'ops',
      'support',
    ]);
  });

  it('reads the configuration again for a destination that it does not know', async () => {
    const world = setup({ to: ['ops', 'new'], kinds: { ops: 'slack' } });
    await world.tell().catch(() => undefined);
    world.apply({ to: ['ops', 'new'], kinds: { ops: 'slack', new: 'webhook' } });

    expect(await world.tell()).toEqual(['ops', 'new']);
    expect(world.sent.at(-1)).toEqual(['webhook', 'new']);
  });

  it('throws for a destination that is nowhere, after all others were told', async () => {
    const world = setup({ to: ['gone', 'ops'], kinds: { ops: 'slack' } });

    await expect(world.tell()).rejects.toThrow(
      'Routes name destinations that are not configured: gone',
    );
    expect(world.sent).toEqual([['slack', 'ops']]);
  });

  it('leaves out whom somebody silenced, says so, and tells everybody else', async () => {
    const kinds = { ops: 'slack', crm: 'hubspot' };
    const world = setup({ to: ['ops', 'crm'], kinds, silences: [silence()] });

    expect(await world.tell()).toEqual(['crm']);
    expect(world.logged).toEqual([
      { message: 'silenced', destination: 'ops', eventId: 'event-1', silence: 'works' },
    ]);
  });

  it('tells again at the very end of a silence', async () => {
    const world = setup({ to: ['ops'], kinds: { ops: 'slack' }, silences: [silence()] });

    world.pass(59);
    expect(await world.tell()).toEqual([]);
    world.pass(1);
    expect(await world.tell()).toEqual(['ops']);
  });

  it.each([
    ['of other events', silence({ when: { connection: 'other' } })],
    ['of another destination', silence({ to: ['crm'] })],
    ['that cannot be read', { ...silence(), until: 'soon' }],
  ])('is not kept from telling by a silence %s', async (_what, each) => {
    const world = setup({ to: ['ops'], kinds: { ops: 'slack' }, silences: [each] });

    expect(await world.tell()).toEqual(['ops']);
  });
});

describe('telling that a destination fails', () => {
  const kinds = { ops: 'slack', hook: 'webhook', crm: 'hubspot', sms: 'webhook' };
  const to = Object.keys(kinds);

  it('leaves out that destination, and whoever would hand it on there', async () => {
    const world = setup({ to, kinds, fallbacks: { hook: 'ops', crm: 'hook', ops: 'sms' } });

    expect(await world.tell(deliveryFailing('ops'))).toEqual(['sms']);
    expect(await world.tell()).toEqual(to);
  });

  it('is not led in circles by two that fall back on each other', async () => {
    const world = setup({ to, kinds, fallbacks: { hook: 'crm', crm: 'hook' } });

    expect(await world.tell(deliveryFailing('ops'))).toEqual(['hook', 'crm', 'sms']);
  });
});
