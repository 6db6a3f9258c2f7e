import { describe, expect, it } from 'vitest';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { connectionSchema } from '../../lib/config/settings.ts';
import type { HttpClient } from '../../lib/http.ts';
import { solum } from '../../lib/providers/solum/index.ts';
import { pollWorld } from '../support/poll-world.ts';

const connection = connectionSchema.parse({ id: 'clinic', provider: 'solum', key: 'env:KEY' });
const body = (data: readonly unknown[], has_more = false) => ({
  data,
  pagination: { has_more, total: data.length, page: 1, limit: 100 },
});
const read = (row: Record<string, unknown>) => {
  const [first] = solum.list.read(body([{ id: 'a', ...row }]), 0, undefined).listed;
  return first && normalizeCall(first.facts, solum, connection);
};
const [started_at, ended_at] = ['2025-11-29T13:00:05Z', '2025-11-29T13:05:00Z'];

describe('a request to Solum', () => {
  it('carries the bare key in X-API-Key', () => {
    expect(solum.authorize('key-1')).toEqual({ 'x-api-key': 'key-1' });
  });

  it('asks for pages by number and a window on started_at in ISO', () => {
    const window = { from: new Date('2025-11-29T00:00:00Z'), to: new Date('2025-11-30T00:00:00Z') };
    const { maxPageSize: pageSize } = solum.list;

    expect(solum.list.request({ cursor: 2, pageSize, window })).toEqual({
      path: '/v1/calls',
      query: [
        ['page', '2'],
        ['limit', '100'],
        ['started_gte', '2025-11-29T00:00:00.000Z'],
        ['started_lte', '2025-11-30T00:00:00.000Z'],
      ],
    });
    expect(solum.list.window?.field).toBe('startedAt');
  });

  it('filters by one workflow word, as a watch list does, and by none where there are more', () => {
    const query = (statuses: string[]) => solum.list.request({ pageSize: 1, statuses }).query;

    expect(query(['follow_up_needed'])).toContainEqual(['status', 'follow_up_needed']);
    expect(query(['pending', 'done']).flat()).not.toContain('status');
  });

  it('cannot be for one call: no page documents that', () => {
    expect(solum.detail).toBeUndefined();
  });
});

it('Solum’s pages go on while has_more says so, and end with an empty one', () => {
  const rows = [{}, {}];

  expect(solum.list.read(body(rows, true), 0, undefined).next).toBe(2);
  expect(solum.list.read(body(rows, true), 100, 2).next).toBe(3);
  expect(solum.list.read(body(rows, false), 200, 3).next).toBeUndefined();
  expect(solum.list.read(body([], true), 200, 3).next).toBeUndefined();
});

describe('the outcome of a Solum call', () => {
  it.each(['pending', 'done', 'follow_up_needed', 'escalated', 'failed', null])(
    'is completed when it has an end and open while it has none, whatever people do: %s',
    (status) => {
      expect(read({ status, started_at, ended_at })).toMatchObject({
        outcome: 'completed',
        status: 'completed',
        reason: null,
      });
      expect(read({ status, started_at })).toMatchObject({
        outcome: 'open',
        status: 'in_progress',
      });
      expect(read({ status })).toMatchObject({ outcome: 'open', status: 'queued' });
    },
  );

  it('has the workflow word as an attribute', () => {
    expect(read({ status: 'done' })?.attributes.workflowStatus).toBe('done');
    expect(read({ status: null })?.attributes).toEqual({});
  });
});

it.each([
  [123, 7380],
  [0.5, 30],
  [0, 0],
  [-3, null],
  [null, null],
])('%j minutes are %j seconds', (duration_min, seconds) => {
  expect(read({ duration_min })?.durationSeconds).toBe(seconds);
});

it.each([
  ['inbound', 'inbound'],
  ['Outbound', 'outbound'],
  ['web', null],
  [null, null],
])('type %j, a free text, is the direction %j', (type, direction) => {
  expect(read({ type })?.direction).toBe(direction);
});

describe('what Solum tells, polled', () => {
  const row = {
    id: 'call-1',
    created_at: '2026-11-20T11:50:00Z',
    started_at: '2026-11-20T11:50:00Z',
    ended_at: '2026-11-20T11:55:00Z',
    status: 'pending',
    customer_number: '+966551234561',
    patient_id: 'pat_secret',
    summary: 'talked about a diagnosis',
    category: 'billing',
  };
  function polled(share?: Record<string, boolean>) {
    const world = pollWorld({ provider: 'solum', ...(share && { share }) }, { provider: solum });
    let rows: Record<string, unknown>[] = [row];
    const http: HttpClient = async () => ({
      body: body(rows),
      requestedAt: world.now(),
      receivedAt: world.now(),
    });
    return {
      ...world,
      poll: () => world.poll({ http }),
      change: (facts: Record<string, unknown>) => {
        rows = [{ ...row, ...facts }];
        world.pass(60);
      },
    };
  }

  it('leaves without summary, numbers and patient unless they are shared', async () => {
    const [kept, shared] = [polled(), polled({ summary: true, numbers: true, patient: true })];
    await kept.poll();
    await shared.poll();

    const secrets = ['pat_secret', 'diagnosis', '+966551234561'];
    for (const secret of secrets) {
      expect(JSON.stringify(kept.announced())).not.toContain(secret);
      expect(JSON.stringify(shared.announced())).toContain(secret);
    }
    expect(kept.announced()).toMatchObject([{ call: { attributes: { category: 'billing' } } }]);
  });

  it('is an update when people need to follow up, and no drift, whatever their word', async () => {
    const world = polled();
    await world.poll();
    world.change({ status: 'follow_up_needed' });
    await world.poll();
    world.change({ status: 'a-new-word' });
    await world.poll();

    expect(world.told()).toEqual([
      'call.completed call-1',
      'call.updated call-1',
      'call.updated call-1',
    ]);
    expect(world.announced()[1]).toMatchObject({ changes: ['attributes.workflowStatus'] });
  });
});
