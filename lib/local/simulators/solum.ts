import type { ProviderApi } from './provider-api.ts';
import {
  type ProviderOptions,
  type ProviderSimulator,
  startProviderSimulator,
} from './provider-simulator.ts';
import { checkNames, Refusal, readInteger, readWord } from './refusal.ts';
import { listRow, sampleCalls, WORKFLOW, wordOf } from './solum-records.ts';

const LIST_PATH = '/v1/calls';
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const TYPES: Record<number, string> = { 400: 'validation_error', 401: 'authentication_error' };

const api: ProviderApi = {
  samples: sampleCalls,
  wordOf,
  endpointOf: (path) => (path === LIST_PATH ? 'list' : undefined),
  isAuthorized: (headers, key) => headers['x-api-key'] === key,
  readList: (parameters) => {
    checkNames(parameters, ['page', 'limit', 'status', 'started_gte', 'started_lte']);
    const page = readInteger(parameters, 'page', 1) ?? 1;
    const limit = readInteger(parameters, 'limit', 1, 100) ?? 50;
    const status = readWord(parameters, 'status', WORKFLOW);
    const from = readDateTime(parameters, 'started_gte') ?? Number.NEGATIVE_INFINITY;
    const to = readDateTime(parameters, 'started_lte') ?? Number.POSITIVE_INFINITY;
    return {
      matches: (call, at) =>
        call.createdAt >= from &&
        call.createdAt <= to &&
        (status === undefined || wordOf(call, at) === status),
      skip: (page - 1) * limit,
      take: limit,
    };
  },
  listRow,
  listBody: ({ rows, matching, ask: { skip, take } }) => ({
    data: rows,
    pagination: {
      has_more: skip + take < matching,
      total: matching,
      page: skip / take + 1,
      limit: take,
    },
  }),
  detail: undefined,
  refusalBody: (statusCode, message) => ({
    detail: { type: TYPES[statusCode] ?? 'api_error', code: 'refused', message, param: null },
  }),
  deformation: {
    status: 'status',
    unknownWord: 'escalated',
    optional: ['summary', 'category'],
    text: 'summary',
  },
};

function readDateTime(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!DATE_TIME.test(text)) throw new Refusal(400, `${name} must be an ISO date-time with a zone`);
  return Date.parse(text);
}

/** Starts a Solum Health that is as strict as its pages (`rules`) and as unreliable as `faults`. */
export const startSolum = (options: ProviderOptions): Promise<ProviderSimulator> =>
  startProviderSimulator(api, options);
