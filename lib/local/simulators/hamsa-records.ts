import type { HamsaStatus } from './hamsa-query.ts';
import { iso } from './instants.ts';
import type { Json } from './json.ts';
import { sampleCall } from './sample-call.ts';
import { type CallState, stateOf, type WorldCall } from './world.ts';

const STATUS_OF_PHASE: Record<CallState['phase'], HamsaStatus> = {
  queued: 'PENDING',
  in_progress: 'IN_PROGRESS',
  completed: 'COMPLETED',
  forwarded: 'FORWARDED',
  no_answer: 'NO_ANSWER',
  failed: 'FAILED',
  terminated: 'TERMINATED',
};

export function statusOf(call: WorldCall, at: number): HamsaStatus {
  return STATUS_OF_PHASE[stateOf(call, at).phase];
}

/** A row of `data.calls`, with every field that the sample on the list page has. */
export function listRow(call: WorldCall, at: number): Json {
  return {
    id: call.id,
    createdAt: iso(call.createdAt),
    status: statusOf(call, at),
    voiceAgentId: call.agent.id,
    agentName: call.agent.name,
    duration: stateOf(call, at).durationSeconds,
    channelType: 'Telephone',
    callParams: callParams(call),
  };
}

/** The `data` of a conversation, with every field that the sample on the detail page has. */
export function detail(call: WorldCall, at: number): Json {
  if (call.id === detailSample.id) return { ...detailSample };
  const state = stateOf(call, at);
  return {
    id: call.id,
    model: 'gpt-4',
    agentDetails: {},
    jobResponse: {},
    status: statusOf(call, at),
    type: 'VOICE_AGENTS',
    processingType: 'real-time',
    voiceAgentId: call.agent.id,
    apiKeyId: 'd949f13f-40d2-4e48-ac86-b66633070603',
    createdAt: iso(call.createdAt),
    updatedAt: iso(state.updatedAt),
    title: state.hasTitle ? `Call with ${call.caller.name}` : null,
    mediaUrl: state.hasRecording ? `https://storage.example.com/recordings/${call.id}.mp3` : null,
    callParams: callParams(call),
    callDuration: state.durationSeconds,
    channelType: 'TELEPHONE',
    callAnalysis: state.hasAnalysis
      ? { summary: `${call.caller.name} called about ${call.topic}.`, callerName: call.caller.name }
      : {},
    voiceAgent: {
      voiceAgentWebTools: [{ webTool: {} }],
      webTools: {},
      voiceAgentKnowledgeBases: [{ knowledgeBaseItem: {} }],
    },
    logs: logs(call, at),
    performanceMetrics: {},
  };
}

function callParams(call: WorldCall): Json {
  const { number } = call.caller;
  return call.agentNumber === null
    ? { userNumber: number }
    : { machineNumber: call.agentNumber, userNumber: number };
}

function logs(call: WorldCall, at: number): Json[] {
  const moments = [call.createdAt, call.answeredAt, call.endedAt];
  return moments
    .filter((moment) => moment !== null && moment <= at)
    .map((moment, index) => ({
      id: `log_${call.id.slice(0, 8)}_${index}`,
      timestamp: iso(moment),
      payload: {},
      createdAt: iso(moment),
      updatedAt: iso(moment),
    }));
}

/** The sample answer of the detail page, served as it stands there. */
export const detailSample = {
  id: '849e77c6-5cb3-479a-a985-7fab630e2c78',
  model: 'gpt-4',
  agentDetails: {},
  jobResponse: {},
  status: 'COMPLETED',
  type: 'VOICE_AGENTS',
  processingType: 'real-time',
  voiceAgentId: 'd949f13f-40d2-4e48-ac86-b66633070603',
  apiKeyId: 'd949f13f-40d2-4e48-ac86-b66633070603',
  createdAt: '2024-01-15T10:30:00Z',
  updatedAt: '2024-01-15T10:35:00Z',
  title: 'Customer Support Call',
  mediaUrl: 'https://storage.example.com/recordings/123.mp3',
  callParams: { userNumber: '+1234567890' },
  callDuration: 125,
  channelType: 'TELEPHONE',
  callAnalysis: {},
  voiceAgent: {
    voiceAgentWebTools: [{ webTool: {} }],
    webTools: {},
    voiceAgentKnowledgeBases: [{ knowledgeBaseItem: {} }],
  },
  logs: [
    {
      id: 'log_123',
      timestamp: '2024-01-15T10:30:15Z',
      payload: {},
      createdAt: '2024-01-15T10:30:15Z',
      updatedAt: '2024-01-15T10:30:15Z',
    },
  ],
  performanceMetrics: {},
} as const;

/** The two calls of the documented samples, as history: `listRow` of the first is the list's sample. */
export const sampleCalls: readonly WorldCall[] = [
  sampleCall({
    id: 'e01b0877-1849-49f5-b4c2-d789fe603ec8',
    agent: { id: '1df8a0c5-d1c8-44bb-848f-8accf58f32e2', name: 'Support Agent' },
    number: '+201095987769',
    agentNumber: '+16592225145',
    createdAt: Date.parse('2025-11-29T13:24:13.221Z'),
    seconds: 35,
  }),
  sampleCall({
    id: detailSample.id,
    agent: { id: detailSample.voiceAgentId, name: 'Support Agent' },
    number: detailSample.callParams.userNumber,
    agentNumber: null,
    createdAt: Date.parse(detailSample.createdAt),
    seconds: detailSample.callDuration,
  }),
];
