import { iso } from './instants.ts';
import type { ProviderApi } from './provider-api.ts';
import {
  type ProviderOptions,
  type ProviderSimulator,
  startProviderSimulator,
} from './provider-simulator.ts';
import { hmacHex } from './provider-webhooks.ts';
import { checkNames, checkUuid, readInteger, readWord } from './refusal.ts';
import { record, sampleCalls, wordOf } from './samva-records.ts';
import { stateOf, type WorldCall } from './world.ts';

// The base URL's own path, /api/v1, belongs to the address and not to the simulator.
const LIST_PATH = '/voice/calls';
const DETAIL_PATH = '/voice/calls/';

// Where there is no value yet: not documented. Here such calls count as the last.
const SORT_KEYS: Record<string, (call: WorldCall, at: number) => number> = {
  initiatedAt: ({ createdAt }) => createdAt,
  endedAt: ({ endedAt }, at) => (endedAt <= at ? endedAt : Number.MAX_SAFE_INTEGER),
  durationSeconds: (call, at) => stateOf(call, at).durationSeconds ?? Number.MAX_SAFE_INTEGER,
};

const CODES: Record<number, string> = { 400: 'VALIDATION_ERROR', 401: 'UNAUTHORIZED' };

const api: ProviderApi = {
  samples: sampleCalls,
  wordOf,
  endpointOf: (path) => {
    if (path === LIST_PATH) return 'list';
    return path.startsWith(DETAIL_PATH) ? 'detail' : undefined;
  },
  isAuthorized: (headers, key) => headers['x-api-key'] === key,
  readList: (parameters) => {
    checkNames(parameters, ['page', 'limit', 'sortBy', 'sortOrder']);
    const page = readInteger(parameters, 'page', 1) ?? 1;
    const limit = readInteger(parameters, 'limit', 1, 100) ?? 20;
    const sortBy = readWord(parameters, 'sortBy', Object.keys(SORT_KEYS)) ?? 'initiatedAt';
    const sign = readWord(parameters, 'sortOrder', ['asc', 'desc']) === 'asc' ? 1 : -1;
    const keyOf = SORT_KEYS[sortBy] ?? (() => 0);
    return {
      matches: () => true,
      compare: (a, b, at) => sign * (keyOf(a, at) - keyOf(b, at)),
      skip: (page - 1) * limit,
      take: limit,
    };
  },
  listRow: record,
  listBody: ({ rows, matching, ask: { skip, take } }) => ({
    items: rows,
    pagination: {
      page: skip / take + 1,
      limit: take,
      total: matching,
      totalPages: Math.ceil(matching / take),
    },
  }),
  detail: {
    idOf: (path) => {
      const id = path.slice(DETAIL_PATH.length);
      checkUuid(id, 'id');
      return id;
    },
    record,
    body: (call) => call,
  },
  refusalBody: (statusCode, message) => ({
    error: { code: CODES[statusCode] ?? 'ERROR', message, details: null },
  }),
  deformation: {
    status: 'status',
    unknownWord: 'warming-up',
    optional: ['transport', 'metadata'],
    text: 'summary',
  },
  webhook: {
    body: (call, happening, at) => ({
      event: `call.${happening}`,
      timestamp: iso(at),
      data: record(call, at),
    }),
    proof: (secret, body) => ({ 'x-webhook-signature': hmacHex(secret, body) }),
  },
};

/** Starts a Samva that is as strict as its pages (`rules`) and as unreliable as `faults`. */
export const startSamva = (options: ProviderOptions): Promise<ProviderSimulator> =>
  startProviderSimulator(api, options);
