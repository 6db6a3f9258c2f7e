import { formatWritten, lateFacts, type Values } from '../../crm/late-facts.ts';
import { ownerOf } from '../../crm/owners.ts';
import { wordFor } from '../../crm/status-table.ts';
import { titleOf } from '../../crm/story.ts';
import type { CallEvent } from '../../events/event.ts';
import { SECOND_MS } from '../../time.ts';
import { bodyOf } from './body.ts';
import type { HubSpotSettings } from './index.ts';
import { DISPOSITIONS, STATUSES } from './outcomes.ts';

/** What we wrote into a record, and for which version of the call (`lib/crm/late-facts.ts`). */
export const WRITTEN = 'callwire_written';

/** What of the settings decides what is written. */
export type RecordSettings = Pick<HubSpotSettings, 'statuses' | 'dispositions' | 'owners'>;

/** HubSpot plays recordings from https addresses only. */
function secureUrl(address: string | null): string | undefined {
  if (address === null || !URL.canParse(address)) return undefined;
  const { protocol, username, password } = new URL(address);
  return protocol === 'https:' && username === '' && password === '' ? address : undefined;
}

/** Undefined or empty: nothing is known, and nothing that stands there is touched. */
type Field = (event: CallEvent, settings: RecordSettings) => string | null | undefined;

/** Names from https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide */
const FIELDS: Readonly<Record<string, Field>> = {
  hs_timestamp: ({ call, occurredAt }) =>
    call.startedAt ?? call.createdAt ?? call.endedAt ?? occurredAt,
  hs_call_title: ({ call }) => titleOf(call),
  hs_call_body: ({ call }) => bodyOf(call),
  hs_call_status: ({ call }, { statuses }) => wordFor(call, STATUSES, statuses),
  hs_call_disposition: ({ call }, { dispositions }) => wordFor(call, DISPOSITIONS, dispositions),
  hs_call_direction: ({ call }) => call.direction?.toUpperCase(),
  hs_call_duration: ({ call: { durationSeconds } }) =>
    durationSeconds === null ? null : String(Math.round(durationSeconds * SECOND_MS)),
  hs_call_from_number: ({ call }) => call.from,
  hs_call_to_number: ({ call }) => call.to,
  hs_call_recording_url: ({ call }) => secureUrl(call.recordingUrl),
  hubspot_owner_id: ({ call }, { owners }) => ownerOf(call, owners),
};

/** What has to be read of a record before it is written. */
export const RECORD_PROPERTIES: readonly string[] = [WRITTEN, ...Object.keys(FIELDS)];

/**
 * What to write of this version of a call, given what stands there; undefined when that tells it already,
 * or a later one.
 */
export function propertiesToWrite(
  event: CallEvent,
  settings: RecordSettings,
  before: Values | undefined,
): Record<string, string> | undefined {
  const wanted = Object.entries(FIELDS).flatMap(([name, field]): [string, string][] => {
    const value = field(event, settings);
    return value ? [[name, value]] : [];
  });
  const record = before && { values: before, written: before[WRITTEN] };
  const patch = lateFacts(event.revision, Object.fromEntries(wanted), record);
  return patch && { ...patch.fields, [WRITTEN]: formatWritten(patch.written) };
}
