import type { Call, CallStatus } from '../../calls/call.ts';
import type { CallEvent } from '../../events/event.ts';
import { SECOND_MS } from '../../time.ts';
import { bodyOf } from './body.ts';

/** Which version of a call a record tells: what came earlier must not undo what came later. */
export const REVISION = 'callwire_revision';

const STATUSES: Readonly<Record<Exclude<CallStatus, 'unknown'>, string>> = {
  queued: 'QUEUED',
  ringing: 'RINGING',
  in_progress: 'IN_PROGRESS',
  completed: 'COMPLETED',
  transferred: 'COMPLETED',
  no_answer: 'NO_ANSWER',
  busy: 'BUSY',
  canceled: 'CANCELED',
  failed: 'FAILED',
};

const OUTCOMES: Readonly<Record<Call['outcome'], string>> = {
  open: 'IN_PROGRESS',
  completed: 'COMPLETED',
  failed: 'FAILED',
};

const statusOf = ({ status, outcome }: Call): string =>
  status === 'unknown' ? OUTCOMES[outcome] : STATUSES[status];

const MAX_TITLE = 200;

function titleOf({ attributes, direction, agent }: Call): string {
  const own = typeof attributes.title === 'string' ? attributes.title : '';
  const kind =
    direction === null ? 'Call' : `${direction === 'inbound' ? 'Inbound' : 'Outbound'} call`;
  const title = own.trim() || (agent.name === null ? kind : `${kind} with ${agent.name}`);
  return [...title.replace(/\p{Cc}+/gu, ' ')].slice(0, MAX_TITLE).join('');
}

/** HubSpot plays recordings from https addresses only. */
function secureUrl(address: string | null): string | undefined {
  if (address === null || !URL.canParse(address)) return undefined;
  const { protocol, username, password } = new URL(address);
  return protocol === 'https:' && username === '' && password === '' ? address : undefined;
}

interface Field {
  readonly property: string;
  /** What of a call it tells: it is written again when one of these changed. */
  readonly tells: readonly (keyof Call)[];
  /** Undefined: nothing is known, and nothing that stands there is touched. */
  readonly value: (event: CallEvent) => string | null | undefined;
}

/** Names from https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide */
const FIELDS: readonly Field[] = [
  {
    property: 'hs_timestamp',
    tells: ['startedAt', 'createdAt', 'endedAt'],
    value: ({ call, occurredAt }) => call.startedAt ?? call.createdAt ?? call.endedAt ?? occurredAt,
  },
  {
    property: 'hs_call_title',
    tells: ['attributes', 'direction', 'agent'],
    value: ({ call }) => titleOf(call),
  },
  {
    property: 'hs_call_body',
    tells: ['summary', 'attributes', 'reason', 'transcriptUrl', 'url'],
    value: ({ call }) => bodyOf(call),
  },
  {
    property: 'hs_call_status',
    tells: ['status', 'outcome'],
    value: ({ call }) => statusOf(call),
  },
  {
    property: 'hs_call_direction',
    tells: ['direction'],
    value: ({ call }) => call.direction?.toUpperCase(),
  },
  {
    property: 'hs_call_duration',
    tells: ['durationSeconds'],
    value: ({ call }) =>
      call.durationSeconds === null
        ? undefined
        : String(Math.round(call.durationSeconds * SECOND_MS)),
  },
  { property: 'hs_call_from_number', tells: ['from'], value: ({ call }) => call.from },
  { property: 'hs_call_to_number', tells: ['to'], value: ({ call }) => call.to },
  {
    property: 'hs_call_recording_url',
    tells: ['recordingUrl'],
    value: ({ call }) => secureUrl(call.recordingUrl),
  },
];

/** What has to be read of a record before it is written. */
export const RECORD_PROPERTIES: readonly string[] = [
  REVISION,
  ...FIELDS.map(({ property }) => property),
];

/** A record's properties as HubSpot holds them. */
export type Properties = Readonly<Record<string, string | null>>;

const toldBy = (before: Properties | undefined): number => Number(before?.[REVISION] ?? 0) || 0;

/** Whether a record tells this version of the call already, or a later one. */
export const isTold = ({ revision }: CallEvent, before: Properties): boolean =>
  toldBy(before) >= revision;

/**
 * What to write, given what stands there. Nothing is ever emptied, and what a person may have edited
 * is written over only where this version of the call changed it.
 */
export function propertiesToWrite(
  event: CallEvent,
  before: Properties | undefined,
): Record<string, string> {
  const told = toldBy(before);
  const changed = new Set(event.changes.map((name) => name.split('.')[0]));
  // Of a version in between that never got here nobody says what it changed.
  const isNext = told > 0 && event.revision === told + 1 && changed.size > 0;
  const written = FIELDS.filter(
    ({ property, tells }) =>
      !isNext || !before?.[property] || tells.some((fact) => changed.has(fact)),
  ).flatMap(({ property, value }): [string, string][] => {
    const text = value(event);
    return text ? [[property, text]] : [];
  });
  return Object.fromEntries([...written, [REVISION, String(event.revision)]]);
}
