import { iso, isoBy } from './instants.ts';
import type { Json } from './json.ts';
import { hash } from './random.ts';
import { sampleCall } from './sample-call.ts';
import { type CallState, stateOf, type WorldCall } from './world.ts';

/** The sample of the list page, served as it stands there. */
const sample = {
  id: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
  organizationId: '7bc05553-4b68-44e8-b7bc-37be63c6d9e9',
  transport: 'webrtc',
  telnyxCallControlId: 'string',
  cfSessionId: 'string',
  direction: 'inbound',
  from: 'string',
  to: 'string',
  phoneNumberId: '8e9ce3fb-4d22-4fe3-baa7-b7892dd942d7',
  voiceAgentId: '76faa691-e3de-464f-8a1b-6da7c28e3c80',
  status: 'queued',
  initiatedAt: '2019-08-24T14:15:22Z',
  answeredAt: '2019-08-24T14:15:22Z',
  endedAt: '2019-08-24T14:15:22Z',
  durationSeconds: -9007199254740991,
  transcriptUrl: 'string',
  recordingUrl: 'string',
  summary: 'string',
  conversationId: 'ee6e55e8-45fe-4a3e-9bc8-4669f9fdf77a',
  metadata: {
    cfTrackIds: { audio: 'string', video: 'string' },
    sttLanguage: 'string',
    ttsVoice: 'string',
    menuMatches: [
      { menuItemId: 'string', menuItemLabel: 'string', confidence: 0, matchedText: 'string' },
    ],
    menuFinalSelection: {
      menuItemId: 'string',
      menuItemLabel: 'string',
      confidence: 0,
      matchedText: 'string',
    },
    bargeInCount: -9007199254740991,
    errorCode: 'string',
    errorMessage: 'string',
    customFields: { property1: null, property2: null },
  },
  createdAt: '2019-08-24T14:15:22Z',
  updatedAt: '2019-08-24T14:15:22Z',
} as const;

export const sampleCalls: readonly WorldCall[] = [
  sampleCall({
    id: sample.id,
    agent: { id: sample.voiceAgentId, name: '' },
    agentNumber: sample.to,
    number: sample.from,
    createdAt: Date.parse(sample.createdAt),
    seconds: 0,
  }),
];

// No page lists Samva's words but `queued`. These are telephony's.
const WORDS: Record<CallState['phase'], string> = {
  queued: 'queued',
  in_progress: 'in-progress',
  completed: 'completed',
  forwarded: 'completed',
  no_answer: 'no-answer',
  failed: 'failed',
  terminated: 'completed',
};

/** Half of the calls end with a word that says only that they are over. */
export function wordOf(call: WorldCall, at: number): string {
  if (call.id === sample.id) return sample.status;
  const { phase, isFinal } = stateOf(call, at);
  return isFinal && hash(call.id) % 2 === 0 ? 'hung-up' : WORDS[phase];
}

/** A call as the list and the detail have it, with every field of the sample. */
export function record(call: WorldCall, at: number): Json {
  if (call.id === sample.id) return { ...sample };
  const state = stateOf(call, at);
  const isWeb = hash(call.id) % 5 === 0;
  const isOutbound = hash(call.id) % 3 === 0;
  const [from, to] = isOutbound
    ? [call.agentNumber, call.caller.number]
    : [call.caller.number, call.agentNumber];
  const url = (what: string, exists: boolean) =>
    exists ? `https://storage.example.com/${what}/${call.id}` : null;
  return {
    id: call.id,
    organizationId: sample.organizationId,
    transport: isWeb ? 'webrtc' : 'pstn',
    telnyxCallControlId: isWeb ? null : `v3:${call.id}`,
    cfSessionId: isWeb ? call.id : null,
    direction: isOutbound ? 'outbound' : 'inbound',
    from: isWeb ? null : from,
    to: isWeb ? null : to,
    phoneNumberId: isWeb ? null : sample.phoneNumberId,
    voiceAgentId: call.agent.id,
    status: wordOf(call, at),
    initiatedAt: iso(call.createdAt),
    answeredAt: isoBy(at, call.answeredAt),
    endedAt: isoBy(at, call.endedAt),
    durationSeconds: state.durationSeconds,
    transcriptUrl: url('transcripts', state.hasTitle),
    recordingUrl: url('recordings', state.hasRecording),
    summary: state.hasAnalysis ? `${call.caller.name} called about ${call.topic}.` : null,
    conversationId: hash(call.id) % 4 === 0 ? null : sample.conversationId,
    metadata: metadata(call, state),
    createdAt: iso(call.createdAt),
    updatedAt: iso(state.updatedAt),
  };
}

function metadata(call: WorldCall, { isFinal, hasAnalysis }: CallState): Json | null {
  const hasFailed = isFinal && call.ending === 'failed';
  if (!hasFailed && !hasAnalysis) return null;
  const chosen = { menuItemId: 'm1', menuItemLabel: call.topic, confidence: 0.9, matchedText: '1' };
  return {
    sttLanguage: 'en',
    ttsVoice: 'alloy',
    menuMatches: hasAnalysis ? [chosen] : [],
    menuFinalSelection: hasAnalysis ? chosen : null,
    bargeInCount: hasAnalysis ? hash(call.id) % 4 : null,
    errorCode: hasFailed ? 'CARRIER_REJECTED' : null,
    errorMessage: hasFailed ? 'The carrier rejected the call' : null,
    customFields: { campaign: 'spring', note: null },
  };
}
