import type { StatusTable } from '../../crm/status-table.ts';

/** Every value that `hs_call_status` allows. */
export const hubspotStatuses = [
  'BUSY',
  'CALLING_CRM_USER',
  'CANCELED',
  'COMPLETED',
  'CONNECTING',
  'FAILED',
  'IN_PROGRESS',
  'NO_ANSWER',
  'QUEUED',
  'RINGING',
] as const;
export type HubSpotStatus = (typeof hubspotStatuses)[number];

export const STATUSES: StatusTable<HubSpotStatus> = {
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

const CONNECTED = 'f240bbac-87c9-4f6e-bf70-924b57d47db7';
const NO_ANSWER = '73a0d17f-1163-4015-bdd5-ec830791da20';
const BUSY = '9d9162e7-6cf3-4944-bf63-4dff82258764';

/**
 * The call outcomes that every account begins with. None of them says that a call failed or is not
 * over; an account's own are set in `dispositions`.
 *
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide
 */
export const DISPOSITIONS: StatusTable<string> = {
  queued: '',
  ringing: '',
  in_progress: '',
  completed: CONNECTED,
  transferred: CONNECTED,
  no_answer: NO_ANSWER,
  busy: BUSY,
  canceled: '',
  failed: '',
};
