import { parseListQuery } from './hamsa-query.ts';
import { detail, listRow, sampleCalls, statusOf } from './hamsa-records.ts';
import { iso } from './instants.ts';
import type { ProviderApi } from './provider-api.ts';
import {
  type ProviderOptions,
  type ProviderSimulator,
  startProviderSimulator,
} from './provider-simulator.ts';
import { checkUuid } from './refusal.ts';

const LIST_PATH = '/v1/voice-agents/conversations/minimal-list';
const DETAIL_PATH = '/v1/voice-agents/conversation/';

const api: ProviderApi = {
  samples: sampleCalls,
  wordOf: statusOf,
  endpointOf: (path) => {
    if (path === LIST_PATH) return 'list';
    return path.startsWith(DETAIL_PATH) ? 'detail' : undefined;
  },
  // "You need to put Token keyword before the API key": Bearer or the bare key is not accepted.
  isAuthorized: ({ authorization }, key) => authorization === `Token ${key}`,
  readList: (parameters) => {
    const { voiceAgentId, statuses, startTime, endTime, page, perPage } =
      parseListQuery(parameters);
    return {
      matches: (call, at) =>
        call.createdAt >= startTime &&
        call.createdAt <= endTime &&
        (voiceAgentId === null || call.agent.id === voiceAgentId) &&
        (statuses.length === 0 || statuses.includes(statusOf(call, at))),
      skip: (page - 1) * perPage,
      take: perPage,
    };
  },
  listRow,
  listBody: ({ rows, total, matching }) => ({
    success: true,
    message: 'success',
    data: { total, filtered: matching, calls: rows },
  }),
  detail: {
    idOf: (path) => {
      const id = path.slice(DETAIL_PATH.length);
      checkUuid(id, 'conversationId');
      return id;
    },
    record: detail,
    body: (data) => ({ success: true, message: 'Success', data }),
  },
  refusalBody: (_statusCode, message) => ({ success: false, message }),
  deformation: {
    status: 'status',
    unknownWord: 'RINGING',
    optional: ['agentName', 'channelType'],
    text: 'agentName',
  },
  webhook: {
    body: (call, happening, at) =>
      // There is no event for a call that failed.
      happening === 'ended' && (call.ending === 'failed' || call.ending === 'no_answer')
        ? undefined
        : {
            eventType: `call.${happening}`,
            callId: call.id,
            timestamp: iso(at),
            agentId: call.agent.id,
            agentName: call.agent.name,
            data: {},
          },
    // Not signed: a header that was entered beside the address.
    proof: (secret) => ({ authorization: `Bearer ${secret}` }),
  },
};

/** Starts a Hamsa that is as strict as its pages (`rules`) and as unreliable as `faults`. */
export const startHamsa = (options: ProviderOptions): Promise<ProviderSimulator> =>
  startProviderSimulator(api, options);

export type HamsaSimulator = ProviderSimulator;
export type HamsaOptions = ProviderOptions;
