import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dynamoPollStates } from '../../lib/adapters/dynamo-control.ts';
import {
  dynamoHintWindows,
  dynamoKeptWebhooks,
  dynamoUnattributed,
  loadBaseline,
} from '../../lib/adapters/dynamo-webhooks.ts';
import { unzipText } from '../../lib/calls/raw-record.ts';
import { initialState } from '../../lib/polling/poll-state.ts';
import type { HintWindows, KeptWebhooks, UnattributedStore } from '../../lib/webhooks/ports.ts';
import { connection, NOW } from '../support/calls.ts';
import { embeddedTable } from '../support/embedded-table.ts';
import { memoryRawBucket } from '../support/memory-calls.ts';
import { memoryHintWindows, memoryUnattributed } from '../support/webhook-world.ts';

let table: Awaited<ReturnType<typeof embeddedTable>>;
beforeAll(async () => {
  table = await embeddedTable();
});
afterAll(() => table.stop());

const stores: [string, () => HintWindows][] = [
  ['the reference', memoryHintWindows],
  ['DynamoDB', () => dynamoHintWindows(table.client, table.name)],
];

describe.each(stores)('windows of hints in %s', (name, open) => {
  const first = { until: 1_000, isClosing: false };
  let windows: HintWindows;
  beforeEach(() => {
    windows = open();
  });

  it('are replaced by whoever knows what is there, and by nobody else', async () => {
    const id = `clinic-${name}`;

    expect(await windows.read(id)).toBeUndefined();
    expect(await windows.replace(id, first, { ...first, isClosing: true })).toBe(false);
    expect(await windows.replace(id, undefined, first)).toBe(true);
    expect(await windows.replace(id, undefined, first)).toBe(false);
    expect(await windows.read(id)).toEqual(first);
    expect(await windows.replace(id, first, { ...first, isClosing: true })).toBe(true);
    expect(await windows.replace(id, first, { until: 2_000, isClosing: false })).toBe(false);
    expect(await windows.read(id)).toEqual({ ...first, isClosing: true });
    expect(await windows.read('other')).toBeUndefined();
  });
});

describe('webhooks that nobody could make out', () => {
  const webhook = { body: '{"half":', encoding: 'text', rule: 'is not JSON' } as const;

  it('are kept as they came, the same one once, for thirty days', async () => {
    const kept = dynamoUnattributed(table.client, table.name, memoryRawBucket());
    await kept.keep('clinic', webhook, NOW);
    await kept.keep('clinic', webhook, NOW);

    const items = await table.items('connection#clinic', 'webhook#');

    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      rule: 'is not JSON',
      at: NOW.toISOString(),
      expiresAt: NOW.getTime() / 1000 + 30 * 86_400,
    });
    const { raw } = items[0] ?? {};
    expect(raw instanceof Uint8Array && JSON.parse(unzipText(raw))).toEqual({
      body: '{"half":',
      encoding: 'text',
    });
  });

  it('lie in the bucket when they are large', async () => {
    const raws = memoryRawBucket();
    const body = Array.from(
      { length: 9_000 },
      (_, at) => (at * 2_654_435_761) % 4_294_967_296,
    ).join();
    await dynamoUnattributed(table.client, table.name, raws).keep(
      'large',
      { ...webhook, body },
      NOW,
    );

    const [item] = await table.items('connection#large', 'webhook#');

    expect([...raws.objects.keys()]).toEqual([item?.rawKey]);
    expect(item?.rawKey).toMatch(/^webhooks\/large\//);
  });
});

const keepers: [string, () => UnattributedStore & KeptWebhooks][] = [
  ['the reference', memoryUnattributed],
  [
    'DynamoDB',
    () => {
      const raws = memoryRawBucket();
      const readObject = async (key: string) => raws.objects.get(key);
      return {
        ...dynamoUnattributed(table.client, table.name, raws),
        ...dynamoKeptWebhooks(table.client, table.name, readObject),
      };
    },
  ],
];

describe.each(keepers)('webhooks that are kept in %s', (name, open) => {
  const connection = `kept-${name}`;
  const large = Array.from({ length: 9_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_296);
  const first = { body: '{"half":', encoding: 'text', rule: 'is not JSON' } as const;
  const second = { body: large.join(), encoding: 'text', rule: 'is not JSON' } as const;
  const third = { body: '/w==', encoding: 'base64', rule: 'is not text' } as const;

  it('are listed as they came, read as they were, and gone once they are let go of', async () => {
    const kept = open();
    const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
    await kept.keep(connection, second, at(1));
    await kept.keep(connection, first, at(0));
    await kept.keep(connection, third, at(2));

    const listed = await kept.list(connection);
    const [one, two, three] = listed.map(({ id }) => id);
    await kept.remove(connection, one ?? '');
    await kept.remove(connection, 'none');

    expect(listed.map(({ at: since, rule }) => [since, rule])).toEqual([
      [at(0).toISOString(), 'is not JSON'],
      [at(1).toISOString(), 'is not JSON'],
      [at(2).toISOString(), 'is not text'],
    ]);
    expect(await kept.read(connection, one ?? '')).toBeUndefined();
    expect(await kept.read(connection, two ?? '')).toEqual(second);
    expect(await kept.read(connection, three ?? '')).toEqual(third);
    expect(await kept.list('another')).toEqual([]);
  });
});

describe('the baseline of a connection', () => {
  it('is unknown until it was polled, then what its first poll fixed', async () => {
    const states = dynamoPollStates(table.client, table.name);
    const baseline = (id: string) => loadBaseline(table.client, table.name, id);
    await states.save('new', { ...initialState(connection(), NOW), version: 1 }, '');
    await states.save(
      'all',
      { ...initialState(connection({ firstRun: 'all' }), NOW), version: 1 },
      '',
    );

    expect(await baseline('never')).toBeUndefined();
    expect(await baseline('new')).toEqual({ baselineAt: NOW.toISOString() });
    expect(await baseline('all')).toEqual({ baselineAt: null });
  });
});
