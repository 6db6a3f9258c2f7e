import { iso, isoBy } from './instants.ts';
import type { Json } from './json.ts';
import { hash } from './random.ts';
import { sampleCall } from './sample-call.ts';
import { stateOf, type WorldCall } from './world.ts';

/** The states of people's work on a call. */
export const WORKFLOW = ['pending', 'done', 'follow_up_needed'] as const;

/** The sample of the list page, served as it stands there. */
const sample = {
  id: '3c90c3cc-0d44-4b50-8888-8dd25736052a',
  org_id: '<string>',
  created_at: '2023-11-07T05:31:56Z',
  assistant_id: '<string>',
  phone_number_id: '<string>',
  type: '<string>',
  started_at: '2023-11-07T05:31:56Z',
  ended_at: '2023-11-07T05:31:56Z',
  summary: '<string>',
  customer_number: '<string>',
  status: 'pending',
  category: 'client_support',
  duration_min: 123,
  patient_id: '<string>',
  language: 'english',
  sessions_scheduled: 123,
} as const;

export const sampleCalls: readonly WorldCall[] = [
  sampleCall({
    id: sample.id,
    agent: { id: sample.assistant_id, name: '' },
    agentNumber: null,
    number: sample.customer_number,
    createdAt: Date.parse(sample.created_at),
    seconds: 0,
  }),
];

const CATEGORIES = ['client_support', 'billing', 'new_appointment', 'rescheduling'] as const;

/** Pending until somebody has looked into it, which is some time after the end. */
export function wordOf(call: WorldCall, at: number): (typeof WORKFLOW)[number] {
  if (!stateOf(call, at).hasAnalysis) return 'pending';
  return hash(call.id) % 3 === 0 ? 'follow_up_needed' : 'done';
}

/** A row of `data`, with every field of the sample. */
export function listRow(call: WorldCall, at: number): Json {
  if (call.id === sample.id) return { ...sample };
  const state = stateOf(call, at);
  const place = hash(call.id);
  return {
    id: call.id,
    org_id: 'org_demo',
    created_at: iso(call.createdAt),
    assistant_id: call.agent.id,
    phone_number_id: 'pn_demo',
    type: place % 2 === 0 ? 'inbound' : 'outbound',
    started_at: iso(call.createdAt),
    ended_at: isoBy(at, call.endedAt),
    summary: state.hasAnalysis ? `${call.caller.name} called about ${call.topic}.` : null,
    customer_number: call.caller.number,
    status: wordOf(call, at),
    category: state.hasAnalysis ? (CATEGORIES[place % CATEGORIES.length] ?? null) : null,
    duration_min: state.durationSeconds === null ? null : Math.ceil(state.durationSeconds / 60),
    patient_id: place % 4 === 0 ? null : `pat_${hash(call.caller.number).toString(16)}`,
    language: place % 5 === 0 ? 'spanish' : 'english',
    sessions_scheduled: state.hasAnalysis ? place % 3 : null,
  };
}
