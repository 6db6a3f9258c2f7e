import type { LocalTemplate } from '../../../lib/local/template/declarations.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import { gbSeconds, memoryOf } from './bill-calls.ts';
import type { MeasuredDispatch } from './measure-dispatch.ts';
import type { Line } from './prices.ts';

const MILLION = 1_000_000;
const GB = 1e9;
const DISPATCHES_A_DAY = 24 * 60;
const MINUTES_A_CACHED_SECRET = 5;

/** What is known of polls that find nothing. */
export interface EmptyPolls {
  readonly readUnits: number;
  readonly cpuMs: number;
}

/**
 * What a million polls cost at this many connections, everything included that happens without a single
 * call: the minute's dispatch, its messages, the invocations, the reads, the requests to providers.
 */
export function billPolls(
  { readUnits, cpuMs }: EmptyPolls,
  dispatch: MeasuredDispatch,
  template: LocalTemplate,
  { pollsPerConnectionDay }: { pollsPerConnectionDay: number },
): Line[] {
  const dispatches = (MILLION / (dispatch.connections * pollsPerConnectionDay)) * DISPATCHES_A_DAY;
  const messages = MILLION / dispatch.pollsPerMessage;
  const memoryMb = memoryOf(template, 'poll');
  const waitMs = slowestOf(dispatch.pollsPerMessage) + ASSUMPTIONS.awsRequestMs;
  return [
    {
      name: 'DynamoDB: each poll reads its state',
      quantity: MILLION * readUnits,
      price: 'dynamoRead',
    },
    {
      name: 'DynamoDB: dispatch reads states and settings',
      quantity: dispatches * dispatch.readUnits,
      price: 'dynamoRead',
    },
    { name: 'Scheduler: a dispatch a minute', quantity: dispatches, price: 'schedulerInvocation' },
    { name: 'Lambda: dispatch, invocations', quantity: dispatches, price: 'lambdaRequest' },
    {
      name: 'Lambda: dispatch, time',
      quantity:
        dispatches *
        (gbSeconds(dispatch.cpuMs, memoryOf(template, 'dispatch'), true) +
          gbSeconds(
            dispatch.awsRequests * ASSUMPTIONS.awsRequestMs,
            memoryOf(template, 'dispatch'),
            false,
          )),
      price: 'lambdaGbSecond',
    },
    // Ten sent in one request; received and deleted one by one, as the mapping declares.
    { name: 'SQS: ticks sent, received, deleted', quantity: messages * 2.1, price: 'sqsRequest' },
    { name: 'SQS: tenants served in turn', quantity: messages * 2.1, price: 'sqsFair' },
    { name: 'Lambda: poll, invocations', quantity: messages, price: 'lambdaRequest' },
    {
      // Polls of a message compute while others wait: it takes as long as the slowest, or as all that is computed.
      name: 'Lambda: poll, time',
      quantity: Math.max(
        gbSeconds(messages * waitMs, memoryMb, false) + gbSeconds(messages * cpuMs, memoryMb, true),
        gbSeconds(MILLION * cpuMs, memoryMb, true),
      ),
      price: 'lambdaGbSecond',
    },
    {
      name: 'Secrets: read again after five minutes, by two sandboxes',
      quantity: (dispatches / MINUTES_A_CACHED_SECRET) * 2,
      price: 'secretRead',
    },
    {
      name: 'CloudWatch: a line per tick and dispatch',
      quantity: (messages * dispatch.tickLogBytes + dispatches * dispatch.logBytes) / GB,
      price: 'logsIngested',
    },
    {
      name: 'Egress: to providers',
      quantity: (MILLION * ASSUMPTIONS.pollRequestBytes) / GB,
      price: 'egress',
    },
  ];
}

/** The expected longest of so many answers of a provider, in milliseconds: the median of their maximum. */
export function slowestOf(polls: number): number {
  const share = 0.5 ** (1 / Math.max(1, polls));
  return ASSUMPTIONS.providerMedianMs * Math.exp(ASSUMPTIONS.providerSigma * normalQuantile(share));
}

/** Inverse of the normal distribution by bisection of its integral: this is called a few times a run. */
function normalQuantile(share: number): number {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalShare(x: number): number {
  const steps = 2_000;
  const width = (x + 8) / steps;
  let sum = 0;
  for (let step = 0; step < steps; step += 1) {
    const at = -8 + (step + 0.5) * width;
    sum += Math.exp((-at * at) / 2) * width;
  }
  return sum / Math.sqrt(2 * Math.PI);
}
