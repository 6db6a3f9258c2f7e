import type { StoredCall } from '../calls/version.ts';

/** What a spreadsheet would take for a formula; a plain number, also one of a phone, is none. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** A cell as RFC 4180 has it. What could be a formula begins with an apostrophe, as OWASP advises. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (values: readonly unknown[]): string => `${values.map(cell).join(',')}\r\n`;

/** A stored call as one flat row: what it is, and what we know of it. */
function rowOf(stored: StoredCall): Record<string, unknown> {
  const { agent, ...call } = stored.call;
  const { revision, firstSeenAt, recordedAt, via, silent } = stored;
  return {
    ...call,
    ...{ agentId: agent.id, agentName: agent.name },
    ...{ revision, firstSeenAt, recordedAt, via, silent },
  };
}

/** Names of the columns, in their order: more may come at the end. */
export const CSV_COLUMNS = [
  ...['connection', 'provider', 'id', 'outcome', 'status', 'reason', 'providerStatus'],
  ...['direction', 'channel', 'agentId', 'agentName', 'from', 'to', 'contactNumber'],
  ...['agentNumber', 'contactId', 'createdAt', 'startedAt', 'answeredAt', 'endedAt'],
  ...['durationSeconds', 'summary', 'recordingUrl', 'transcriptUrl', 'url', 'attributes'],
  ...['revision', 'firstSeenAt', 'recordedAt', 'via', 'silent'],
];

export const csvHead = (): string => line(CSV_COLUMNS);

export function csvLine(stored: StoredCall): string {
  const row = rowOf(stored);
  return line(CSV_COLUMNS.map((name) => row[name]));
}
