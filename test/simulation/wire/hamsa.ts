import { isFinalPhase, type SimCall, stated, type Version } from '../sim-call.ts';
import { type Json, UNKNOWN_FINAL, type Wire } from './wire.ts';

// https://docs.tryhamsa.com/api-reference/endpoint/list-minimal-calls and …/get-conversation
const LIST = '/v1/voice-agents/conversations/minimal-list';
const DETAIL = '/v1/voice-agents/conversation/';

const WORDS: Record<Version['phase'], string> = {
  queued: 'PENDING',
  in_progress: 'IN_PROGRESS',
  completed: 'COMPLETED',
  forwarded: 'FORWARDED',
  no_answer: 'NO_ANSWER',
  failed: 'FAILED',
  terminated: 'TERMINATED',
};

const MEANINGS: Record<
  Version['phase'],
  readonly ['open' | 'completed' | 'failed', string, string | null]
> = {
  queued: ['open', 'queued', null],
  in_progress: ['open', 'in_progress', null],
  completed: ['completed', 'completed', null],
  forwarded: ['completed', 'transferred', null],
  no_answer: ['failed', 'no_answer', 'no_answer'],
  failed: ['failed', 'failed', 'provider.error'],
  terminated: ['failed', 'failed', 'terminated'],
};

const createdAt = (call: SimCall): string => new Date(call.statedAt ?? 0).toISOString();

export const hamsaWire: Wire = {
  provider: 'hamsa',
  host: 'api.tryhamsa.com',
  hasWindow: true,
  mayShortenPages: true,
  keyOf: (headers) => /^Token (.+)$/.exec(headers.get('authorization') ?? '')?.[1],
  parse: ({ pathname, searchParams }) => {
    if (pathname.startsWith(DETAIL))
      return { id: decodeURIComponent(pathname.slice(DETAIL.length)) };
    if (pathname !== LIST) return undefined;
    const number = (name: string) => Number(searchParams.get(name) ?? Number.NaN);
    return {
      skip: (pageSize) => (number('page') - 1) * pageSize,
      limit: Math.min(200, number('perPage')),
      from: searchParams.has('startTime') ? number('startTime') : undefined,
      to: searchParams.has('endTime') ? number('endTime') : undefined,
    };
  },
  row: (call, { phase, word, durationSeconds }): Json => ({
    id: call.id,
    createdAt: createdAt(call),
    status: word ?? WORDS[phase],
    voiceAgentId: 'agent-1',
    agentName: 'Support',
    duration: durationSeconds,
    channelType: 'Telephone',
    callParams: { userNumber: null },
  }),
  detail: (call, version, link): Json => ({
    id: call.id,
    createdAt: createdAt(call),
    updatedAt: stated(call, version.at),
    status: version.word ?? WORDS[version.phase],
    voiceAgentId: 'agent-1',
    title: null,
    mediaUrl: version.hasRecording ? `https://media.example.com/${call.id}.mp3${link}` : null,
    callDuration: version.durationSeconds,
    channelType: 'TELEPHONE',
    callParams: { userNumber: null },
    callAnalysis: version.hasSummary ? { about: call.id } : {},
  }),
  list: ({ rows, matching }) =>
    `{"success":true,"message":"success","data":{"total":${matching},"filtered":${matching},"calls":[${rows.join(',')}]}}`,
  one: (record) => `{"success":true,"message":"success","data":${record}}`,
  statusField: 'status',
  refusal: '{"success":false,"message":"not now"}',
  truth: ({ phase, word, durationSeconds }, _call, known) => {
    const isTold = word === undefined || (known && word === UNKNOWN_FINAL);
    // Its list tells no end, so a word that nobody knows leaves a call open.
    const [outcome, status, reason] = isTold
      ? word === undefined
        ? MEANINGS[phase]
        : MEANINGS.completed
      : (['open', 'unknown', null] as const);
    return {
      outcome,
      status,
      reason,
      durationSeconds: isFinalPhase(phase) ? durationSeconds : null,
      summary: undefined,
      attributes: {},
    };
  },
};
