import * as z from 'zod';
import { type CallFacts, defineProvider } from '../provider.ts';

const MAX_PAGE_SIZE = 100;

const instant = z.iso.datetime({ offset: true }).nullish();

const rowSchema = z.object({
  id: z.string().min(1),
  contact_id: z.string().nullish(),
  assistant_id: z.string().nullish(),
  call_type: z.string().nullish(),
  call_status: z.string().min(1),
  duration_seconds: z.number().nullish(),
  call_started_at: instant,
  call_ended_at: instant,
  appointment_booked: z.boolean().nullish(),
  lead_qualification: z.string().nullish(),
  call_intent: z.string().nullish(),
});
type Row = z.infer<typeof rowSchema>;

const detailSchema = rowSchema.extend({
  customer_phone_number: z.string().nullish(),
  assistant_phone_number: z.string().nullish(),
  analysis_summary: z.string().nullish(),
  recording_url: z.string().nullish(),
  cost: z.number().nullish(),
});
type Detail = z.infer<typeof detailSchema>;

const directionOf = ({ call_type }: Row) =>
  call_type === 'inbound' || call_type === 'outbound' ? call_type : undefined;

const facts = (row: Row): CallFacts => ({
  id: row.id,
  providerStatus: row.call_status,
  direction: directionOf(row),
  agentId: row.assistant_id,
  contactId: row.contact_id,
  startedAt: row.call_started_at,
  endedAt: row.call_ended_at,
  durationSeconds: row.duration_seconds,
  attributes: {
    appointmentBooked: row.appointment_booked ?? undefined,
    leadQualification: row.lead_qualification ?? undefined,
    callIntent: row.call_intent ?? undefined,
  },
});

/** The numbers are named by role; where the direction is known, they are also `from` and `to`. */
function numbersOf(call: Detail): Partial<CallFacts> {
  const { customer_phone_number: contactNumber, assistant_phone_number: agentNumber } = call;
  switch (directionOf(call)) {
    case 'inbound':
      return { contactNumber, agentNumber, from: contactNumber, to: agentNumber };
    case 'outbound':
      return { contactNumber, agentNumber, from: agentNumber, to: contactNumber };
    case undefined:
      return { contactNumber, agentNumber };
  }
}

export const vozagent = defineProvider({
  id: 'vozagent',
  docs: 'https://docs.vozagent.ai/developers/api',
  baseUrl: 'https://api.vozagent.ai',
  auth: { header: 'authorization', scheme: 'Bearer' },

  list: {
    docs: 'https://docs.vozagent.ai/developers/api/calls/list',
    maxPageSize: MAX_PAGE_SIZE,
    order: 'undocumented',
    paging: 'offset',
    request: ({ cursor = 0, pageSize, statuses = [] }) => ({
      path: '/v1/calls',
      query: [
        ['limit', String(pageSize)],
        ['offset', String(cursor)],
        // The filter takes one word; where more are wanted, all are.
        ...(statuses.length === 1 ? statuses : []).map((status) => ['status', status] as const),
      ],
    }),
    // The rows and nothing around them: no total, and no word about whether there are more.
    body: z.array(z.unknown()),
    rows: (body) => body,
    // Not documented: a page with fewer rows than were asked for is taken for the last.
    next: (body, seenRows) => (body.length < MAX_PAGE_SIZE ? undefined : seenRows),
    item: rowSchema,
    facts,
  },

  detail: {
    docs: 'https://docs.vozagent.ai/developers/api/calls/get',
    // Numbers, summary, recording and cost are in no list.
    enriches: true,
    // Not documented: recording and summary are set some time after the end.
    awaits: ({ outcome, recordingUrl, summary }) =>
      outcome === 'completed' && (recordingUrl === null || summary === null),
    request: (id) => ({ path: `/v1/calls/${encodeURIComponent(id)}`, query: [] }),
    body: z.looseObject({ id: z.unknown() }),
    record: (body) => body,
    item: detailSchema,
    // `transcript` is the whole text, so it stays in the raw record.
    facts: (call) => {
      const told = facts(call);
      return {
        ...told,
        ...numbersOf(call),
        summary: call.analysis_summary,
        recordingUrl: call.recording_url,
        attributes: { ...told.attributes, costUsd: call.cost ?? undefined },
      };
    },
  },

  statuses: {
    queued: { status: 'queued', reason: null },
    'in-progress': { status: 'in_progress', reason: null },
    completed: { status: 'completed', reason: null },
    failed: { status: 'failed', reason: 'provider.error' },
  },
});
