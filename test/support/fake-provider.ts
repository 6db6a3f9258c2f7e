import * as z from 'zod';
import type { HttpClient } from '../../lib/http.ts';
import { defineProvider, type Provider } from '../../lib/providers/provider.ts';

const row = z.object({
  id: z.string(),
  createdAt: z.string().nullable(),
  status: z.string(),
});
export type FakeRow = z.infer<typeof row>;

const PAGE_SIZE = 10;

/** A list without a time filter and without reading by id: what Hamsa is not. */
export const fakeProvider = (
  order: Provider['list']['order'],
  { paging = 'offset' }: { paging?: Provider['list']['paging'] } = {},
): Provider =>
  defineProvider({
    id: 'fake',
    docs: 'https://fake.example/docs',
    baseUrl: 'https://fake.example',
    auth: { header: 'x-api-key' },
    list: {
      docs: 'https://fake.example/docs',
      maxPageSize: PAGE_SIZE,
      order,
      paging,
      request: ({ cursor }) => ({ path: '/calls', query: [[paging, String(cursor ?? '')]] }),
      body: z.object({ rows: z.array(z.unknown()), total: z.number().optional() }),
      rows: ({ rows }) => rows,
      matching: ({ total }) => total,
      next: ({ rows }, seenRows, cursor) => {
        if (rows.length < PAGE_SIZE) return undefined;
        if (paging === 'page') return Number(cursor ?? 1) + 1;
        return paging === 'offset' ? seenRows : `after-${seenRows}`;
      },
      item: row,
      facts: ({ id, createdAt, status }) => ({ id, createdAt, providerStatus: status }),
    },
    statuses: {
      open: { status: 'in_progress', reason: null },
      done: { status: 'completed', reason: null },
    },
  });

/** Serves rows in the order they are in, ten at a time. */
export function fakeServer(now: () => Date) {
  const rows: FakeRow[] = [];
  /** Places of the first rows of the pages that were asked for. */
  const asked: string[] = [];
  const trouble: { at: number | undefined; error: Error } = { at: undefined, error: new Error() };
  const script = {
    /** Says how many rows there are. */
    counts: false,
    /** What happens at the provider before it answers. */
    before: (): void => {},
  };
  const placeOf = ({ searchParams }: URL): number => {
    const token = searchParams.get('token');
    if (token) return Number(token.replace('after-', ''));
    return (
      Number(searchParams.get('offset')) || (Number(searchParams.get('page') || 1) - 1) * PAGE_SIZE
    );
  };
  const http: HttpClient = async ({ url }) => {
    const place = placeOf(url);
    asked.push(String(place));
    if (trouble.at === place) throw trouble.error;
    script.before();
    return {
      body: {
        rows: rows.slice(place, place + PAGE_SIZE),
        ...(script.counts && { total: rows.length }),
      },
      requestedAt: now(),
      receivedAt: now(),
    };
  };
  return { rows, asked, trouble, script, http };
}
