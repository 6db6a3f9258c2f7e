import { isFinalPhase, stated } from '../sim-call.ts';
import { type Json, summaryOf, type Wire } from './wire.ts';

// https://docs.getsolum.com/api-reference/calls/list-calls. No page tells how to read one call.
const LIST = '/v1/calls';

export const solumWire: Wire = {
  provider: 'solum',
  host: 'api.getsolum.com',
  hasWindow: true,
  mayShortenPages: true,
  keyOf: (headers) => headers.get('x-api-key') ?? undefined,
  parse: ({ pathname, searchParams }) => {
    if (pathname !== LIST) return undefined;
    const instant = (name: string) => {
      const text = searchParams.get(name);
      return text === null ? undefined : Date.parse(text);
    };
    return {
      skip: (pageSize) => (Number(searchParams.get('page') ?? 1) - 1) * pageSize,
      limit: Math.min(100, Number(searchParams.get('limit') ?? 20)),
      from: instant('started_gte'),
      to: instant('started_lte'),
      workflow: searchParams.get('status') ?? undefined,
    };
  },
  row: (call, version): Json => ({
    id: call.id,
    org_id: 'org-1',
    created_at: call.statedAt === null ? null : new Date(call.statedAt).toISOString(),
    assistant_id: 'agent-1',
    type: 'inbound',
    started_at: call.statedAt === null ? null : new Date(call.statedAt).toISOString(),
    ended_at: isFinalPhase(version.phase) ? stated(call, call.endedAt) : null,
    summary: summaryOf(call, version),
    customer_number: null,
    status: version.word ?? version.workflow,
    category: null,
    duration_min: version.durationSeconds === null ? null : version.durationSeconds / 60,
    patient_id: `patient-${call.place}`,
    language: 'english',
    sessions_scheduled: null,
  }),
  detail: undefined,
  list: ({ rows, skip, matching, pageable }) =>
    `{"data":[${rows.join(',')}],"pagination":{"has_more":${skip + rows.length < pageable},"total":${matching ?? null}}}`,
  one: (record) => record,
  statusField: 'status',
  refusal: '{"detail":"not now"}',
  truth: ({ phase, workflow, word, durationSeconds }) => {
    // Only its end makes a call final, and it never fails.
    const isFinal = isFinalPhase(phase);
    return {
      outcome: isFinal ? 'completed' : 'open',
      status: isFinal ? 'completed' : 'in_progress',
      reason: null,
      durationSeconds: isFinal ? durationSeconds : null,
      // Health data: kept from the bus.
      summary: null,
      attributes: { workflowStatus: word ?? workflow },
    };
  },
};
