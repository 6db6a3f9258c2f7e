import * as z from 'zod';
import type { HttpClient } from '../../lib/http.ts';
import { defineProvider, type Provider } from '../../lib/providers/provider.ts';

const row = z.object({ id: z.string(), createdAt: z.string(), status: z.string() });
export type FakeRow = z.infer<typeof row>;

/** A list without a time filter and without reading by id: what Hamsa is not. */
export const fakeProvider = (order: Provider['list']['order']): Provider =>
  defineProvider({
    id: 'fake',
    docs: 'https://fake.example/docs',
    baseUrl: 'https://fake.example',
    auth: { header: 'x-api-key' },
    list: {
      docs: 'https://fake.example/docs',
      maxPageSize: 10,
      order,
      request: ({ cursor = 0, pageSize }) => ({
        path: '/calls',
        query: [
          ['offset', String(cursor)],
          ['limit', String(pageSize)],
        ],
      }),
      body: z.array(z.unknown()),
      rows: (body) => body,
      next: (body, seenRows) => (body.length === 10 ? seenRows : undefined),
      item: row,
      facts: ({ id, createdAt, status }) => ({ id, createdAt, providerStatus: status }),
    },
    statuses: {
      open: { status: 'in_progress', reason: null },
      done: { status: 'completed', reason: null },
    },
  });

/** Serves rows as they are, ten at a time. `failAt`: the offset that cannot be read. */
export function fakeServer(now: () => Date) {
  const rows: FakeRow[] = [];
  const asked: string[] = [];
  const trouble: { at: number | undefined; error: Error } = { at: undefined, error: new Error() };
  const http: HttpClient = async ({ url }) => {
    const offset = Number(url.searchParams.get('offset'));
    asked.push(String(offset));
    if (trouble.at === offset) throw trouble.error;
    return { body: rows.slice(offset, offset + 10), requestedAt: now(), receivedAt: now() };
  };
  return { rows, asked, trouble, http };
}
