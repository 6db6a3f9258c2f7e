import { describe, expect, it } from 'vitest';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { connectionSchema } from '../../lib/config/settings.ts';
import { samva } from '../../lib/providers/samva/index.ts';

const connection = (written: Record<string, unknown> = {}) =>
  connectionSchema.parse({ id: 'shop', provider: 'samva', key: 'env:KEY', ...written });

const body = (items: readonly unknown[], totalPages = 1) => ({
  items,
  pagination: { page: 1, limit: 100, total: items.length, totalPages },
});

function read(row: Record<string, unknown>, written: Record<string, unknown> = {}) {
  const { listed, rejected } = samva.list.read(body([{ id: 'a', ...row }]), 0, undefined);
  const [first] = listed;
  return {
    rejected,
    call: first && normalizeCall(first.facts, samva, connection(written)),
  };
}

const [answeredAt, endedAt] = ['2025-11-29T13:00:05Z', '2025-11-29T13:00:35Z'];

describe('a request to Samva', () => {
  it('carries the bare key in X-API-Key', () => {
    expect(samva.authorize('sk_sm_1')).toEqual({ 'x-api-key': 'sk_sm_1' });
  });

  it('asks for the newest first, a hundred a page, and never for a time', () => {
    const window = { from: new Date(0), to: new Date() };

    expect(samva.list.request({ cursor: 3, pageSize: samva.list.maxPageSize, window })).toEqual({
      path: '/voice/calls',
      query: [
        ['page', '3'],
        ['limit', '100'],
        ['sortBy', 'initiatedAt'],
        ['sortOrder', 'desc'],
      ],
    });
    expect(samva.list.order).toBe('newest-first');
    expect(samva.list.window).toBeUndefined();
  });

  it('reads one call under the list', () => {
    expect(samva.detail?.request('497f6eca').path).toBe('/voice/calls/497f6eca');
  });
});

describe('Samva’s pages', () => {
  it('end with totalPages, with an empty page, and where the counts are nonsense', () => {
    const next = (items: number, totalPages: number, cursor?: number) =>
      samva.list.read(
        body(
          Array.from({ length: items }, () => ({})),
          totalPages,
        ),
        0,
        cursor,
      ).next;

    expect(next(100, 3)).toBe(2);
    expect(next(100, 3, 2)).toBe(3);
    expect(next(100, 3, 3)).toBeUndefined();
    expect(next(0, 3, 2)).toBeUndefined();
    expect(next(1, -9007199254740991)).toBeUndefined();
  });
});

describe('the outcome of a Samva call', () => {
  it.each([
    ['busy', { answeredAt, endedAt }, 'failed', 'busy'],
    ['completed', { endedAt }, 'completed', null],
    ['completed', { endedAt, metadata: { errorCode: 'LATE' } }, 'completed', null],
    ['cancelled', {}, 'failed', 'canceled'],
  ])('follows the known word %s before anything else', (status, facts, outcome, reason) => {
    expect(read({ status, ...facts }).call).toMatchObject({ outcome, reason });
  });

  it.each([
    ['an end after an answer', { answeredAt, endedAt }, 'completed', 'completed', null],
    ['an end without an answer', { endedAt }, 'failed', 'no_answer', 'no_answer'],
    [
      'an end with an error',
      { answeredAt, endedAt, metadata: { errorCode: 'E1' } },
      'failed',
      'failed',
      'provider.error',
    ],
    ['an error and no end', { metadata: { errorCode: 'E1' } }, 'open', 'unknown', null],
    ['an answer', { answeredAt }, 'open', 'in_progress', null],
    ['nothing', {}, 'open', 'unknown', null],
    ['an empty error code', { answeredAt, endedAt, metadata: { errorCode: '' } }, 'completed'],
  ])('is derived from %s where nobody knows the word', (_what, facts, ...expected) => {
    const [outcome, status = outcome, reason = null] = expected;

    expect(read({ status: 'hung-up', ...facts }).call).toMatchObject({ outcome, status, reason });
  });

  it('is final once there is an end, even while the word still says queued', () => {
    expect(read({ status: 'queued' }).call).toMatchObject({ outcome: 'open', status: 'queued' });
    expect(read({ status: 'queued', answeredAt, endedAt }).call?.outcome).toBe('completed');
  });

  it('is what the operator says of any word, known, open or unheard of', () => {
    const statusOverrides = { 'hung-up': 'canceled', completed: 'failed', queued: 'in_progress' };
    const outcome = (status: string) => read({ status, endedAt }, { statusOverrides }).call?.status;

    expect(['hung-up', 'completed', 'queued'].map(outcome)).toEqual([
      'canceled',
      'failed',
      'in_progress',
    ]);
  });
});

describe('a Samva record', () => {
  it('may have negative and missing numbers, which say nothing', () => {
    const metadata = { bargeInCount: -9007199254740991, customFields: { note: null } };
    const { call, rejected } = read({ durationSeconds: -9007199254740991, metadata });

    expect(rejected).toEqual([]);
    expect(call).toMatchObject({ durationSeconds: null, attributes: {} });
  });

  it('keeps what the person said to the menu out of the attributes', () => {
    const chosen = { menuItemLabel: 'Billing', matchedText: 'my card was declined' };
    const { call } = read({ metadata: { menuMatches: [chosen], menuFinalSelection: chosen } });

    expect(call?.attributes).toEqual({ menuMatches: ['Billing'], menuSelection: 'Billing' });
  });

  it('keeps a barge-in count of zero, which is a fact', () => {
    expect(read({ metadata: { bargeInCount: 0 } }).call?.attributes).toEqual({ bargeInCount: 0 });
  });

  it('is set aside when an instant that decides its outcome cannot be read', () => {
    expect(read({ endedAt: 'yesterday' }).rejected).toMatchObject([{ id: 'a', field: 'endedAt' }]);
  });
});
