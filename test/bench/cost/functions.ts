import { createHandler as createDeliver } from '../../../functions/deliver.ts';
import { createHandler as createDispatch } from '../../../functions/dispatch.ts';
import { createHandler as createPoll } from '../../../functions/poll.ts';
import { createHandler as createPublish } from '../../../functions/publish.ts';
import { createHandler as createRoute } from '../../../functions/route.ts';
import { deliverDeps } from '../../../lib/adapters/deps/deliver.ts';
import { dispatchDeps } from '../../../lib/adapters/deps/dispatch.ts';
import { pollDeps } from '../../../lib/adapters/deps/poll.ts';
import { publishDeps } from '../../../lib/adapters/deps/publish.ts';
import { routeDeps } from '../../../lib/adapters/deps/route.ts';
import type { Sender } from '../../../lib/destinations/destination.ts';
import { sender as hubspot } from '../../../lib/destinations/hubspot/send.ts';
import { sender as slack } from '../../../lib/destinations/slack/send.ts';
import { createHttpClient } from '../../../lib/http.ts';
import { createLog } from '../../../lib/log.ts';
import type { CountedStack } from './counted-stack.ts';
import type { Counter } from './counter.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Construct paths of the functions, by the names that people use. */
export const FUNCTIONS = {
  dispatch: 'Polling/Dispatch',
  poll: 'Polling/Poll',
  publish: 'Outbox/Publish',
  route: 'Routing/Route',
  'deliver slack': 'DeliverSlack/Deliver',
  'deliver hubspot': 'DeliverHubspot/Deliver',
} as const;
export type FunctionName = keyof typeof FUNCTIONS;
export const FUNCTION_NAMES = [
  'dispatch',
  'poll',
  'publish',
  'route',
  'deliver slack',
  'deliver hubspot',
] as const satisfies readonly FunctionName[];

/** CloudWatch adds this to each event before it bills. */
const LOG_EVENT_BYTES = 26;

export type Invoke = (event: unknown) => Promise<unknown>;

/**
 * The production functions, composed as in production except for the clock, and for the log, whose bytes are
 * counted. Each invocation counts what it asked of AWS and the processor time it took: in a process
 * that also answers, so an upper bound of its own.
 */
export function buildFunctions(
  stack: CountedStack,
  clock: VirtualClock,
): Readonly<Record<FunctionName, Invoke>> {
  const { counter } = stack;
  const log = (name: FunctionName) =>
    createLog((line) => {
      // A line per invocation costs a share of each message in it; others, and what is measured of each, are
      // per message.
      const isOfAll = /"message":"(tick done|published|delivered|dispatched)"/.test(line);
      const [, values = ''] = /"(?:FreshnessLag|DeliveryAge)":\[([^\]]*)\]/.exec(line) ?? [];
      const bytes = Buffer.byteLength(line) + 1 + LOG_EVENT_BYTES;
      const shared = isOfAll ? bytes - values.length : 0;
      counter.add(`${name} log bytes per invocation`, shared);
      counter.add(`${name} log bytes per message`, bytes - shared);
    });
  const env = (name: FunctionName) => stack.environmentOf(FUNCTIONS[name]);
  const { now, sleep } = clock;

  const delivering = (name: FunctionName, sender: Sender) =>
    createDeliver(() => ({
      ...deliverDeps(env(name), sender),
      now,
      sleep,
      log: log(name),
    }));
  const handlers = {
    dispatch: createDispatch(() => ({
      ...dispatchDeps(env('dispatch')),
      now,
      log: log('dispatch'),
    })),
    poll: createPoll(() => {
      const http = createHttpClient(now);
      return {
        ...pollDeps(env('poll')),
        now,
        http: (request) => {
          counter.add('provider requests', 1);
          return http(request);
        },
        log: log('poll'),
      };
    }),
    publish: createPublish(() => ({ ...publishDeps(env('publish')), log: log('publish') })),
    route: createRoute(() => routeDeps(env('route'))),
    'deliver slack': delivering('deliver slack', slack),
    'deliver hubspot': delivering('deliver hubspot', hubspot),
  } as const satisfies Record<FunctionName, unknown>;

  return {
    dispatch: measured('dispatch', counter, handlers.dispatch),
    poll: measured('poll', counter, handlers.poll),
    publish: measured('publish', counter, handlers.publish),
    route: measured('route', counter, handlers.route),
    'deliver slack': measured('deliver slack', counter, handlers['deliver slack']),
    'deliver hubspot': measured('deliver hubspot', counter, handlers['deliver hubspot']),
  };
}

/** The part of Lambda's context that the handlers read. */
const CONTEXT = {
  functionName: 'bench',
  awsRequestId: 'bench',
  getRemainingTimeInMillis: () => 120_000,
};

/** Each handler has a type of its own; what they are given here has the shape that Lambda gives it. */
type Handler = (event: never, context: never) => Promise<unknown>;

function measured(name: FunctionName, counter: Counter, handler: Handler): Invoke {
  return async (event) => {
    const cpu = process.cpuUsage();
    const before = {
      aws: counter.get('aws requests'),
      service: counter.get('service ms'),
      others: counter.get('destination requests') + counter.get('provider requests'),
    };
    const result = await handler(event as never, { ...CONTEXT } as never);
    const { user, system } = process.cpuUsage(cpu);
    const serviceMs = counter.get('service ms') - before.service;
    counter.add(`${name} invocations`, 1);
    const aws = counter.get('aws requests') - before.aws;
    const others =
      counter.get('destination requests') + counter.get('provider requests') - before.others;
    counter.add(`${name} aws requests`, aws);
    counter.add(`${name} loopback requests`, aws + others);
    counter.add(`${name} cpu ms`, Math.max(0, (user + system) / 1000 - serviceMs));
    return result;
  };
}
