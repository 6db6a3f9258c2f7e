import { isFinalPhase, type SimCall, stated, type Version } from '../sim-call.ts';
import { type Json, summaryOf, UNKNOWN_FINAL, type Wire } from './wire.ts';

// https://docs.vozagent.ai/developers/api/calls/list and …/calls/get
const LIST = '/v1/calls';

const WORDS: Record<Version['phase'], string> = {
  queued: 'queued',
  in_progress: 'in-progress',
  completed: 'completed',
  forwarded: 'completed',
  no_answer: 'failed',
  failed: 'failed',
  terminated: 'failed',
};

function row(call: SimCall, { phase, word, durationSeconds }: Version): Json {
  return {
    id: call.id,
    contact_id: `contact-${call.place}`,
    assistant_id: 'agent-1',
    call_type: 'inbound',
    call_status: word ?? WORDS[phase],
    duration_seconds: durationSeconds,
    call_started_at: call.statedAt === null ? null : new Date(call.statedAt).toISOString(),
    call_ended_at: isFinalPhase(phase) ? stated(call, call.endedAt) : null,
    appointment_booked: false,
    lead_qualification: null,
  };
}

export const vozagentWire: Wire = {
  provider: 'vozagent',
  host: 'api.vozagent.ai',
  hasWindow: false,
  // A page with fewer rows than were asked for is its last.
  mayShortenPages: false,
  keyOf: (headers) => /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1],
  parse: ({ pathname, searchParams }) => {
    if (pathname.startsWith(`${LIST}/`)) {
      return { id: decodeURIComponent(pathname.slice(LIST.length + 1)) };
    }
    if (pathname !== LIST) return undefined;
    return {
      skip: () => Number(searchParams.get('offset') ?? 0),
      limit: Math.min(100, Number(searchParams.get('limit') ?? 20)),
      from: undefined,
      to: undefined,
    };
  },
  row,
  detail: (call, version, link): Json => ({
    ...row(call, version),
    customer_phone_number: null,
    assistant_phone_number: null,
    transcript: null,
    analysis_summary: summaryOf(call, version),
    recording_url: version.hasRecording ? `https://media.example.com/${call.id}.mp3${link}` : null,
    cost: null,
  }),
  list: ({ rows }) => `[${rows.join(',')}]`,
  one: (record) => record,
  statusField: 'call_status',
  refusal: '{"error":"not now"}',
  truth: ({ phase, word, durationSeconds }, _call, known) => {
    const isFinal = isFinalPhase(phase);
    const isOpenWord = phase === 'queued' || phase === 'in_progress';
    const fields = { summary: undefined, attributes: {} };
    if (word !== undefined && !(known && word === UNKNOWN_FINAL)) {
      // A word that nobody knows is no failure: an end is an end.
      return {
        ...fields,
        outcome: isFinal ? 'completed' : 'open',
        status: 'unknown',
        reason: null,
        durationSeconds: isFinal ? durationSeconds : null,
      };
    }
    const hasFailed = word === undefined && WORDS[phase] === 'failed';
    return {
      ...fields,
      outcome: isOpenWord ? 'open' : hasFailed ? 'failed' : 'completed',
      status: isOpenWord ? phase : hasFailed ? 'failed' : 'completed',
      reason: hasFailed ? 'provider.error' : null,
      durationSeconds: isFinal ? durationSeconds : null,
    };
  },
};
