import { isFinalPhase, type SimCall, stated, type Version } from '../sim-call.ts';
import { type Json, summaryOf, UNKNOWN_FINAL, type Wire } from './wire.ts';

// https://samva.app/docs/api-reference/voice/calls.list and …/calls.get
const LIST = '/api/v1/voice/calls';

/** Telephony's words; no page lists Samva's own. */
const WORDS: Record<Version['phase'], string> = {
  queued: 'queued',
  in_progress: 'in-progress',
  completed: 'completed',
  forwarded: 'completed',
  no_answer: 'no-answer',
  failed: 'failed',
  terminated: 'canceled',
};

const MEANINGS: Record<
  Version['phase'],
  readonly ['open' | 'completed' | 'failed', string, string | null]
> = {
  queued: ['open', 'queued', null],
  in_progress: ['open', 'in_progress', null],
  completed: ['completed', 'completed', null],
  forwarded: ['completed', 'completed', null],
  no_answer: ['failed', 'no_answer', 'no_answer'],
  failed: ['failed', 'failed', 'provider.error'],
  terminated: ['failed', 'canceled', 'canceled'],
};

function row(call: SimCall, version: Version, link: string): Json {
  const { phase } = version;
  const start = call.statedAt === null ? null : new Date(call.statedAt).toISOString();
  return {
    id: call.id,
    transport: 'pstn',
    direction: 'inbound',
    from: null,
    to: null,
    voiceAgentId: 'agent-1',
    status: version.word ?? WORDS[phase],
    initiatedAt: start,
    answeredAt:
      call.answeredAt !== null && phase !== 'queued' ? stated(call, call.answeredAt) : null,
    endedAt: isFinalPhase(phase) ? stated(call, call.endedAt) : null,
    durationSeconds: version.durationSeconds,
    transcriptUrl: null,
    recordingUrl: version.hasRecording ? `https://media.example.com/${call.id}.mp3${link}` : null,
    summary: summaryOf(call, version),
    conversationId: null,
    metadata: null,
    createdAt: start,
    updatedAt: stated(call, version.at),
  };
}

export const samvaWire: Wire = {
  provider: 'samva',
  host: 'samva.app',
  hasWindow: false,
  // Pages are found by the size that was asked for.
  mayShortenPages: true,
  keyOf: (headers) => headers.get('x-api-key') ?? undefined,
  parse: ({ pathname, searchParams }) => {
    if (pathname.startsWith(`${LIST}/`)) {
      return { id: decodeURIComponent(pathname.slice(LIST.length + 1)) };
    }
    if (pathname !== LIST) return undefined;
    return {
      skip: (pageSize) => (Number(searchParams.get('page') ?? 1) - 1) * pageSize,
      limit: Math.min(100, Number(searchParams.get('limit') ?? 20)),
      from: undefined,
      to: undefined,
    };
  },
  row,
  detail: row,
  list: ({ rows, skip, pageSize, matching = 0 }) =>
    `{"items":[${rows.join(',')}],"pagination":{"page":${skip / pageSize + 1},"limit":${pageSize},"total":${matching},"totalPages":${Math.ceil(matching / pageSize)}}}`,
  one: (record) => record,
  statusField: 'status',
  refusal: '{"error":{"code":"UNAVAILABLE","message":"not now","details":null}}',
  truth: ({ phase, word, durationSeconds, ...version }, call, known) => {
    const isFinal = isFinalPhase(phase);
    // Where the word says nothing, the instants do.
    const derived = isFinal
      ? MEANINGS[call.answeredAt === null ? 'no_answer' : 'completed']
      : call.answeredAt !== null && phase !== 'queued'
        ? MEANINGS.in_progress
        : (['open', 'unknown', null] as const);
    const [outcome, status, reason] =
      word === undefined
        ? MEANINGS[phase]
        : known && word === UNKNOWN_FINAL
          ? MEANINGS.completed
          : derived;
    return {
      outcome,
      status,
      reason,
      durationSeconds: isFinal ? durationSeconds : null,
      summary: version.hasSummary ? `About ${call.id}` : null,
      attributes: {},
    };
  },
};
