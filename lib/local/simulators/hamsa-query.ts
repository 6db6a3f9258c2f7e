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

/** A request that the simulator refuses; `message` goes into the envelope. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const MAX_PER_PAGE = 200;
// A time of today in seconds is below this, any time since 1974 in milliseconds above.
const SMALLEST_PLAUSIBLE_MS = 1e11;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SINGLE_PARAMETERS = ['voiceAgentId', 'startTime', 'endTime', 'page', 'perPage'];

/** @throws Refusal (400) for anything that the list page does not allow. */
export function parseListQuery(parameters: URLSearchParams): ListQuery {
  for (const name of new Set(parameters.keys())) {
    // Ours: an API that ignores what it does not know would hide a misspelt filter.
    if (name !== 'status' && !SINGLE_PARAMETERS.includes(name)) {
      throw new Refusal(400, `Unknown query parameter ${name}`);
    }
    if (name !== 'status' && parameters.getAll(name).length > 1) {
      throw new Refusal(400, `Query parameter ${name} was given more than once`);
    }
  }

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

/** @throws Refusal (400) when `text` is no UUID. */
export function checkUuid(text: string, name: string): void {
  if (!UUID.test(text)) throw new Refusal(400, `${name} must be a UUID`);
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

function readInteger(parameters: URLSearchParams, name: string, min: number): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min) {
    throw new Refusal(400, `${name} must be an integer of at least ${min}`);
  }
  return value;
}
