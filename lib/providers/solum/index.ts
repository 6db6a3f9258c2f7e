import * as z from 'zod';
import type { StatusMeaning } from '../../calls/call.ts';
import { defineProvider } from '../provider.ts';

const instant = z.iso.datetime({ offset: true }).nullish();

const callSchema = z.object({
  id: z.string().min(1),
  assistant_id: z.string().nullish(),
  type: z.string().nullish(),
  status: z.string().nullish(),
  category: z.string().nullish(),
  language: z.string().nullish(),
  summary: z.string().nullish(),
  customer_number: z.string().nullish(),
  patient_id: z.string().nullish(),
  sessions_scheduled: z.number().nullish(),
  duration_min: z.number().nullish(),
  created_at: instant,
  started_at: instant,
  ended_at: instant,
});
type SolumCall = z.infer<typeof callSchema>;

/**
 * `status` is the work of people on a call (pending, done, follow_up_needed), also long after its end,
 * and nothing tells how it went. So a call is over when it has an end, and it never fails.
 */
function derivedStatus({ started_at, ended_at }: SolumCall): StatusMeaning {
  if (ended_at) return { status: 'completed', reason: null };
  return { status: started_at ? 'in_progress' : 'queued', reason: null };
}

/** `type` is a free text, which may be a direction. */
function directionOf(type: string | null | undefined) {
  const word = type?.toLowerCase();
  return word === 'inbound' || word === 'outbound' ? word : undefined;
}

export const solum = defineProvider({
  id: 'solum',
  docs: 'https://docs.getsolum.com/api-reference/introduction',
  baseUrl: 'https://api.getsolum.com',
  auth: { header: 'x-api-key' },

  list: {
    docs: 'https://docs.getsolum.com/api-reference/calls/list-calls',
    maxPageSize: 100,
    order: 'undocumented',
    paging: 'page',
    window: { field: 'startedAt' },
    // `page` and `limit`, as the page of this list says: the introduction's `skip` is of other lists.
    request: ({ cursor = 1, pageSize, window, statuses = [] }) => ({
      path: '/v1/calls',
      query: [
        ['page', String(cursor)],
        ['limit', String(pageSize)],
        ...(window
          ? ([
              ['started_gte', window.from.toISOString()],
              ['started_lte', window.to.toISOString()],
            ] as const)
          : []),
        // The filter takes one word; where more are wanted, all are.
        ...(statuses.length === 1 ? statuses : []).map((status) => ['status', status] as const),
      ],
    }),
    body: z.object({
      data: z.array(z.unknown()),
      pagination: z.object({ has_more: z.boolean(), total: z.int().nullish() }),
    }),
    rows: ({ data }) => data,
    matching: ({ pagination }) => pagination.total ?? undefined,
    next: ({ data, pagination }, _seenRows, cursor) =>
      pagination.has_more && data.length > 0 ? Number(cursor ?? 1) + 1 : undefined,

    item: callSchema,
    facts: (item) => ({
      id: item.id,
      providerStatus: item.status ?? null,
      derivedStatus: derivedStatus(item),
      direction: directionOf(item.type),
      agentId: item.assistant_id,
      contactNumber: item.customer_number,
      contactId: item.patient_id,
      createdAt: item.created_at,
      startedAt: item.started_at,
      endedAt: item.ended_at,
      durationSeconds: typeof item.duration_min === 'number' ? item.duration_min * 60 : null,
      summary: item.summary,
      attributes: {
        workflowStatus: item.status ?? undefined,
        category: item.category ?? undefined,
        type: item.type ?? undefined,
        language: item.language ?? undefined,
        sessionsScheduled: item.sessions_scheduled ?? undefined,
      },
    }),
  },

  webhook: {
    docs: 'https://docs.getsolum.com/guides/webhooks',
    scheme: { kind: 'hmac', header: 'x-solum-signature', prefix: 'sha256=', encoding: 'hex' },
    // They are about patients and tasks, which often follow a call, and hold ids only.
    body: z.looseObject({}),
  },

  statuses: {},

  // A person may ask for a follow-up days after the call.
  watchLists: [{ id: 'follow-up', statuses: ['follow_up_needed'] }],

  // Health data: Solum's own webhooks carry ids only. The patient's id is the call's `contactId`.
  share: { summary: false, numbers: false, patient: false },
});
