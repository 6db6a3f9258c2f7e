import type { Call, CallStatus } from '../../calls/call.ts';
import { formatWritten, lateFacts, type Values } from '../../crm/late-facts.ts';
import { ownerOf } from '../../crm/owners.ts';
import { type StatusTable, wordFor } from '../../crm/status-table.ts';
import { storyOf, titleOf } from '../../crm/story.ts';
import type { CallEvent } from '../../events/event.ts';
import type { SalesforceSettings } from './index.ts';

/** `Status` as every org has it at first. A call that is over is nobody's to do. */
const STATUSES: StatusTable<string> = {
  queued: 'Not Started',
  ringing: 'In Progress',
  in_progress: 'In Progress',
  completed: 'Completed',
  transferred: 'Completed',
  no_answer: 'Completed',
  busy: 'Completed',
  canceled: 'Completed',
  failed: 'Completed',
};

/** `CallDisposition` is a free text. */
const DISPOSITIONS: StatusTable<string> = {
  queued: 'Queued',
  ringing: 'Ringing',
  in_progress: 'In progress',
  completed: 'Connected',
  transferred: 'Transferred',
  no_answer: 'No answer',
  busy: 'Busy',
  canceled: 'Canceled',
  failed: 'Failed',
} satisfies Record<Exclude<CallStatus, 'unknown'>, string>;

/** https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-task.html */
const MAX_DESCRIPTION = 32_000;
const CUT = '\n… (cut by Callwire: Salesforce holds no more here)';

/** What is to be read of a call, as plain text. */
export function descriptionOf(call: Call): string {
  const { summary, links, facts } = storyOf(call);
  const lines = [
    ...(links.call === undefined ? [] : [`Call: ${links.call}`]),
    ...(links.recording === undefined ? [] : [`Recording: ${links.recording}`]),
    ...(links.transcript === undefined ? [] : [`Transcript: ${links.transcript}`]),
    ...(call.from === null ? [] : [`From: ${call.from}`]),
    ...(call.to === null ? [] : [`To: ${call.to}`]),
    ...facts.map(([label, text]) => `${label}: ${text}`),
  ];
  const parts = [summary, lines.join('\n')].filter((part) => part !== '');
  const text = parts.join('\n\n').replace(/(?!\n)\p{Cc}/gu, ' ');
  if (text.length <= MAX_DESCRIPTION) return text.toWellFormed();
  return text.slice(0, MAX_DESCRIPTION - CUT.length).replace(/[\uD800-\uDBFF]$/, '') + CUT;
}

/** What of the settings decides what is written. */
type TaskSettings = Pick<
  SalesforceSettings,
  'statuses' | 'dispositions' | 'owners' | 'related' | 'fields'
>;

const TYPES = { inbound: 'Inbound', outbound: 'Outbound' } as const;

const isLead = (who: string | undefined): boolean => who?.startsWith('00Q') ?? false;

/** Undefined or empty: nothing is known, and nothing that stands there is touched. */
type Field = (
  event: CallEvent,
  settings: TaskSettings,
  who: string | undefined,
) => string | null | undefined;

const FIELDS: Readonly<Record<string, Field>> = {
  Subject: ({ call }) => titleOf(call),
  // Can be written only when the task is created.
  TaskSubtype: () => 'Call',
  Status: ({ call }, { statuses }) => wordFor(call, STATUSES, statuses),
  // A date without time zone: that of the call in UTC.
  ActivityDate: ({ call, occurredAt }) =>
    (call.startedAt ?? call.createdAt ?? call.endedAt ?? occurredAt).slice(0, 10),
  CallType: ({ call }) => call.direction && TYPES[call.direction],
  CallDurationInSeconds: ({ call: { durationSeconds } }) =>
    durationSeconds === null ? null : String(Math.round(durationSeconds)),
  CallDisposition: ({ call }, { dispositions }) => wordFor(call, DISPOSITIONS, dispositions),
  Description: ({ call }) => descriptionOf(call),
  WhoId: (_event, _settings, who) => who,
  // A task of a lead is about nothing else, says Salesforce.
  WhatId: ({ call }, { related }, who) => (isLead(who) ? null : ownerOf(call, related)),
  OwnerId: ({ call }, { owners }) => ownerOf(call, owners),
};

/** What has to be read of a task before it is written. */
export const taskFields = ({ fields }: TaskSettings): readonly string[] => [
  fields.callId,
  fields.written,
  ...Object.keys(FIELDS),
];

const NUMBERS: ReadonlySet<string> = new Set(['CallDurationInSeconds']);

/**
 * What to write of this version of a call, given what stands there; undefined when that tells it already,
 * or a later one.
 *
 * @param who id of the contact or lead
 */
export function fieldsToWrite(
  event: CallEvent,
  settings: TaskSettings,
  who: string | undefined,
  before: Values | undefined,
): Record<string, string | number> | undefined {
  const { written } = settings.fields;
  const wanted = Object.entries(FIELDS).flatMap(([name, field]): [string, string][] => {
    const value = field(event, settings, who);
    return value ? [[name, value]] : [];
  });
  const task = before && { values: before, written: before[written] };
  const patch = lateFacts(event.revision, Object.fromEntries(wanted), task);
  if (patch === undefined) return undefined;
  const fields = Object.entries(patch.fields).map(([name, value]): [string, string | number] => [
    name,
    NUMBERS.has(name) ? Number(value) : value,
  ]);
  return { ...Object.fromEntries(fields), [written]: formatWritten(patch.written) };
}
