import { iso, isoBy } from './instants.ts';
import type { Json } from './json.ts';
import { hash } from './random.ts';
import { sampleCall } from './sample-call.ts';
import { type CallState, stateOf, type WorldCall } from './world.ts';

/** The samples of the list page, served as they stand there; the second has no `call_intent`. */
const samples: readonly { id: string; assistant_id: string; [field: string]: unknown }[] = [
  {
    id: 'call-a1b2c3d4-e5f6-a7b8-c9d0',
    contact_id: 'c1a2b3c4-d5e6-f7a8-b9c0',
    assistant_id: 'a1b2c3d4-e5f6-a7b8',
    call_type: 'inbound',
    call_status: 'completed',
    duration_seconds: 180,
    call_started_at: '2024-01-15T10:30:00Z',
    call_ended_at: '2024-01-15T10:33:00Z',
    appointment_booked: true,
    lead_qualification: 'hot',
    call_intent: 'new_quote',
  },
  {
    id: 'call-b2c3d4e5-f6a7-b8c9-d0e1',
    contact_id: 'd2b3c4d5-e6f7-a8b9-c0d1',
    assistant_id: 'a1b2c3d4-e5f6-a7b8',
    call_type: 'outbound',
    call_status: 'completed',
    duration_seconds: 95,
    call_started_at: '2024-01-15T11:00:00Z',
    call_ended_at: '2024-01-15T11:01:35Z',
    appointment_booked: false,
    lead_qualification: 'warm',
  },
];

export const sampleCalls: readonly WorldCall[] = samples.map((sample) =>
  sampleCall({
    id: sample.id,
    agent: { id: sample.assistant_id, name: '' },
    agentNumber: '+15559876543',
    number: '+15551234567',
    createdAt: Date.parse(String(sample.call_started_at)),
    seconds: Number(sample.duration_seconds),
  }),
);

export const STATUSES = ['queued', 'in-progress', 'completed', 'failed'] as const;

const STATUS_OF_PHASE: Record<CallState['phase'], (typeof STATUSES)[number]> = {
  queued: 'queued',
  in_progress: 'in-progress',
  completed: 'completed',
  forwarded: 'completed',
  no_answer: 'failed',
  failed: 'failed',
  terminated: 'failed',
};

export function wordOf(call: WorldCall, at: number): (typeof STATUSES)[number] {
  return STATUS_OF_PHASE[stateOf(call, at).phase];
}

const isOutbound = ({ id }: WorldCall): boolean => hash(id) % 3 === 0;

/** A row of the list. `call_intent` is there only when there is one. */
export function listRow(call: WorldCall, at: number): Json {
  const sample = samples.find(({ id }) => id === call.id);
  if (sample) return { ...sample };
  const { durationSeconds, hasAnalysis } = stateOf(call, at);
  const place = hash(call.id);
  return {
    id: call.id,
    contact_id: `contact-${hash(call.caller.number).toString(16)}`,
    assistant_id: call.agent.id,
    call_type: isOutbound(call) ? 'outbound' : 'inbound',
    call_status: wordOf(call, at),
    duration_seconds: durationSeconds,
    call_started_at: iso(call.createdAt),
    call_ended_at: isoBy(at, call.endedAt),
    appointment_booked: hasAnalysis && place % 2 === 0,
    lead_qualification: hasAnalysis ? (['hot', 'warm', 'cold'][place % 3] ?? null) : null,
    ...(hasAnalysis && place % 2 === 0 ? { call_intent: 'new_quote' } : {}),
  };
}

/** A call read by its id: its row and what no list has. */
export function detail(call: WorldCall, at: number): Json {
  const { isFinal, hasTitle, hasRecording, hasAnalysis, durationSeconds } = stateOf(call, at);
  return {
    ...listRow(call, at),
    customer_phone_number: call.caller.number,
    assistant_phone_number: call.agentNumber,
    transcript: hasTitle ? `Assistant: Hello!\nCustomer: I'm calling about ${call.topic}.` : null,
    analysis_summary: hasAnalysis ? `${call.caller.name} asked about ${call.topic}.` : null,
    recording_url: hasRecording ? `https://storage.example.com/recordings/${call.id}.mp3` : null,
    cost: isFinal ? Math.ceil(durationSeconds ?? 0) / 100 : null,
  };
}
