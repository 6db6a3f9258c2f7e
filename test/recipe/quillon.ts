import * as z from 'zod';
import { defineProvider } from '../../lib/providers/provider.ts';

const PAGES = 'https://docs.quillon.example/calls';

/** Quillon counts seconds since 1970, everywhere. */
const seconds = (instant: Date): string => String(Math.floor(instant.getTime() / 1000));

/** A provider that nobody has: what `providers.recipe.slow.ts` adds to a copy of the project. */
export const quillon = defineProvider({
  id: 'quillon',
  docs: PAGES,
  baseUrl: 'https://api.quillon.example',
  auth: { header: 'x-quillon-key' },

  list: {
    docs: PAGES,
    maxPageSize: 50,
    order: 'newest-first',
    paging: 'token',
    window: { field: 'createdAt' },
    request: ({ cursor, pageSize, window }) => ({
      path: '/v2/calls',
      query: [
        ['page_size', String(pageSize)],
        ...(cursor === undefined ? [] : [['page_token', String(cursor)] as const]),
        ...(window
          ? ([
              ['created_from', seconds(window.from)],
              // Rounded down, it would leave out the last part of a second.
              ['created_to', seconds(new Date(window.to.getTime() + 999))],
            ] as const)
          : []),
      ],
    }),
    body: z.object({ calls: z.array(z.unknown()), next_page_token: z.string().nullish() }),
    rows: ({ calls }) => calls,
    next: ({ next_page_token }) => next_page_token || undefined,
    item: z.object({
      id: z.string().min(1),
      created: z.number(),
      state: z.string().min(1),
      talked_for: z.number().nullish(),
      person: z.string().nullish(),
      line: z.string().nullish(),
    }),
    facts: (call) => ({
      id: call.id,
      providerStatus: call.state,
      contactNumber: call.person,
      agentNumber: call.line,
      createdAt: new Date(call.created * 1000).toISOString(),
      durationSeconds: call.talked_for,
    }),
  },

  statuses: {
    dialing: { status: 'queued', reason: null },
    talking: { status: 'in_progress', reason: null },
    hung_up: { status: 'completed', reason: null },
    handed_over: { status: 'transferred', reason: null },
    nobody_there: { status: 'no_answer', reason: 'no_answer' },
    line_broke: { status: 'failed', reason: 'provider.error' },
  },
});
