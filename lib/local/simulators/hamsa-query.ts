import { checkNames, checkUuid, Refusal, readInteger } from './refusal.ts';

// Each check says what it stands on; `rules` in hamsa-rules.ts has the pages.

const STATUSES = [
  'PENDING',
  'IN_PROGRESS',
  'COMPLETED',
  'NO_ANSWER',
  'FAILED',
  'FORWARDED',
  'TERMINATED',
] as const;

/** The JobStatus words of the list page. */
export type HamsaStatus = (typeof STATUSES)[number];

/** What a request for the list asks for, with the defaults of the page filled in. */
export interface ListQuery {
  readonly voiceAgentId: string | null;
  /** Empty: every status. */
  readonly statuses: readonly HamsaStatus[];
  readonly startTime: number;
  readonly endTime: number;
  readonly page: number;
  readonly perPage: number;
}

const MAX_PER_PAGE = 200;
// A time of today in seconds is below this, any time since 1974 in milliseconds above.
const SMALLEST_PLAUSIBLE_MS = 1e11;
const SINGLE_PARAMETERS = ['voiceAgentId', 'startTime', 'endTime', 'page', 'perPage'];

/** @throws Refusal (400) for anything that the list page does not allow. */
export function parseListQuery(parameters: URLSearchParams): ListQuery {
  checkNames(parameters, SINGLE_PARAMETERS, ['status']);
  const voiceAgentId = parameters.get('voiceAgentId');
  if (voiceAgentId !== null) checkUuid(voiceAgentId, 'voiceAgentId');
  const startTime = readTime(parameters, 'startTime') ?? Number.NEGATIVE_INFINITY;
  const endTime = readTime(parameters, 'endTime') ?? Number.POSITIVE_INFINITY;
  if (endTime < startTime) throw new Refusal(400, 'endTime must be at or after startTime');

  return {
    voiceAgentId,
    statuses: parameters.getAll('status').map(readStatus),
    startTime,
    endTime,
    page: readInteger(parameters, 'page', 1) ?? 1,
    // "Hard-capped at 200", beside a range of 1 to 200: believed to cut rather than to refuse.
    perPage: Math.min(readInteger(parameters, 'perPage', 1) ?? 100, MAX_PER_PAGE),
  };
}

function readStatus(word: string): HamsaStatus {
  const status = STATUSES.find((known) => known === word);
  if (status === undefined) {
    throw new Refusal(400, `status must be one of ${STATUSES.join(', ')}, repeated for several`);
  }
  return status;
}

function readTime(parameters: URLSearchParams, name: string): number | undefined {
  const time = readInteger(parameters, name, 0);
  // Ours: Hamsa would answer, and the client would miss its calls without a word.
  if (time !== undefined && time > 0 && time < SMALLEST_PLAUSIBLE_MS) {
    throw new Refusal(400, `${name} is in epoch milliseconds, not seconds`);
  }
  return time;
}
