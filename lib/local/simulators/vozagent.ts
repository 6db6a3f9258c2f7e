import type { ProviderApi } from './provider-api.ts';
import {
  type ProviderOptions,
  type ProviderSimulator,
  startProviderSimulator,
} from './provider-simulator.ts';
import { checkNames, readInteger, readWord } from './refusal.ts';
import { detail, listRow, STATUSES, sampleCalls, wordOf } from './vozagent-records.ts';

const LIST_PATH = '/v1/calls';
const DETAIL_PATH = '/v1/calls/';

const CODES: Record<number, string> = { 400: 'invalid_request', 401: 'unauthorized' };

const api: ProviderApi = {
  samples: sampleCalls,
  wordOf,
  endpointOf: (path) => {
    if (path === LIST_PATH) return 'list';
    return path.startsWith(DETAIL_PATH) ? 'detail' : undefined;
  },
  isAuthorized: ({ authorization }, key) => authorization === `Bearer ${key}`,
  readList: (parameters) => {
    checkNames(parameters, ['limit', 'offset', 'status']);
    const status = readWord(parameters, 'status', STATUSES);
    return {
      matches: (call, at) => status === undefined || wordOf(call, at) === status,
      skip: readInteger(parameters, 'offset', 0) ?? 0,
      take: readInteger(parameters, 'limit', 0, 100) ?? 50,
    };
  },
  listRow,
  // The rows, and nothing around them.
  listBody: ({ rows }) => rows,
  detail: {
    idOf: (path) => decodeURIComponent(path.slice(DETAIL_PATH.length)),
    record: detail,
    body: (call) => call,
  },
  refusalBody: (statusCode, message) => ({
    error: { code: CODES[statusCode] ?? 'error', message, details: {} },
  }),
  deformation: {
    status: 'call_status',
    unknownWord: 'ringing',
    optional: ['contact_id', 'lead_qualification'],
    text: 'lead_qualification',
  },
};

/** Starts a VozAgent that is as strict as its pages (`rules`) and as unreliable as `faults`. */
export const startVozagent = (options: ProviderOptions): Promise<ProviderSimulator> =>
  // The samples of its page are in this order.
  startProviderSimulator(api, { order: 'oldest', ...options });
