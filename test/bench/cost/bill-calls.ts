import type { LocalTemplate } from '../../../lib/local/template/declarations.ts';
import { ASSUMPTIONS, ONE_PROCESSOR_MB } from './assumptions.ts';
import { functionAt } from './counted-stack.ts';
import { FUNCTION_NAMES, FUNCTIONS, type FunctionName } from './functions.ts';
import type { MeasuredCalls } from './measure-calls.ts';
import type { Line } from './prices.ts';

/**
 * How full the batches are that Lambda takes from queues and streams. `full`: as the template declares them, which is a
 * busy system, with more waiting than the workers can take. `one`: a quiet one, where each message is
 * received, handled and deleted alone; no batch waits to fill, because announcements should not. HubSpot's
 * deliveries are counted in such batches too: those that meet at its gate share a write.
 */
export type Batches = 'full' | 'one';

const MILLION = 1_000_000;
const GB = 1e9;

/** Functions that write a line for what an invocation did. */
const ONE_LINE_EACH = ['publish', 'deliver slack', 'deliver hubspot'] as const;

interface Reader {
  readonly name: FunctionName;
  readonly messages: number;
  /** Requests to a destination, all messages together, and how long each takes. */
  readonly waits: { readonly requests: number; readonly ms: number };
}

/** What a million calls cost, without the polls that find them. */
export function billCalls(
  measured: MeasuredCalls,
  template: LocalTemplate,
  batches: Batches,
): Line[] {
  const { sums, calls, stored } = measured;
  const scale = MILLION / calls;
  const sum = (name: string) => (sums[name] ?? 0) * scale;
  const perMillion = (quantity: number) => quantity * scale;

  const readers: Reader[] = [
    { name: 'route', messages: sum('route messages'), waits: { requests: 0, ms: 0 } },
    {
      name: 'deliver slack',
      messages: sum('deliver slack messages'),
      waits: {
        requests: perMillion(measured.slackRequests),
        ms: ASSUMPTIONS.slackRequestMs,
      },
    },
    {
      name: 'deliver hubspot',
      messages: sum('deliver hubspot messages'),
      waits: {
        requests: perMillion(measured.hubspotRequests),
        ms: ASSUMPTIONS.hubspotRequestMs,
      },
    },
  ];
  // The loopback servers answer in this same process; their share is none of the functions'.
  const cpuMs = (name: FunctionName) =>
    Math.max(0, sum(`${name} cpu ms`) - sum(`${name} loopback requests`) * measured.serverMs);
  const batchOf = (name: FunctionName): number =>
    batches === 'one' ? 1 : declaredBatch(template, name);

  const unitLines = Object.keys(sums)
    // Reads of Control are the polls', which are billed apart.
    .filter((name) => /^(read|write) /.test(name) && name !== 'read Control')
    .filter((name) => sum(name) > 0)
    .map((name): Line => {
      const [kind, what] = name.split(' ');
      return {
        name: `DynamoDB: ${kind === 'read' ? 'reads' : 'writes'} of ${what}`,
        quantity: sum(name),
        price: kind === 'read' ? 'dynamoRead' : 'dynamoWrite',
      };
    });

  return [
    ...unitLines,
    ...storageLines(stored, scale),
    { name: 'EventBridge: events', quantity: sum('eventbridge events'), price: 'eventBridgeEvent' },
    { name: 'SQS: bus to route', quantity: sum('sqs route sends'), price: 'sqsRequest' },
    {
      name: 'SQS: route to deliver',
      // What one invocation of route sends into one queue is one request: ten events are far below 64 KB.
      quantity: readers
        .filter(({ name }) => name !== 'route')
        .reduce(
          (requests, { messages }) =>
            requests + Math.min(messages, sum('route messages') / batchOf('route')),
          0,
        ),
      price: 'sqsRequest',
    },
    { name: 'SQS: delayed deliveries', quantity: sum('SendMessage'), price: 'sqsRequest' },
    ...readers.map(
      ({ name, messages }): Line => ({
        name: `SQS: received and deleted by ${name}`,
        quantity: (2 * messages) / batchOf(name),
        price: 'sqsRequest',
      }),
    ),
    ...lambdaLines('publish', sum('publish records'), batchOf('publish'), {
      memoryMb: memoryOf(template, 'publish'),
      cpuMs: cpuMs('publish'),
      // PutEvents takes ten at a time, one request after the other.
      waitMs:
        (sum('eventbridge events') / Math.min(10, batchOf('publish'))) * ASSUMPTIONS.awsRequestMs,
    }),
    ...readers.flatMap(({ name, messages, waits }) => {
      const batch = batchOf(name);
      const slowest = batch === 1 ? 1 : ASSUMPTIONS.slowestOfBatch;
      const waitMs =
        waits.requests * waits.ms + sum(`${name} aws requests`) * ASSUMPTIONS.awsRequestMs;
      return lambdaLines(name, messages, batch, {
        memoryMb: memoryOf(template, name),
        cpuMs: cpuMs(name),
        waitMs: (waitMs / batch) * slowest,
      });
    }),
    {
      // The waits for details lie within the time that the poll's slowest other takes anyway.
      name: 'Lambda: poll, processor time for what changed',
      quantity: gbSeconds(
        Math.max(0, cpuMs('poll') - sum('poll invocations') * measured.emptyPollCpuMs),
        memoryOf(template, 'poll'),
        true,
      ),
      price: 'lambdaGbSecond',
    },
    { name: 'S3: large raw records', quantity: sum('s3 puts'), price: 's3Put' },
    { name: 'S3: a month of them', quantity: sum('s3 bytes') / GB, price: 's3Storage' },
    {
      name: 'CloudWatch: logs',
      quantity:
        FUNCTION_NAMES.reduce((bytes, name) => bytes + sum(`${name} log bytes per message`), 0) /
          GB +
        // The line per tick is the polls'.
        ONE_LINE_EACH.reduce(
          (bytes, name) => bytes + sum(`${name} log bytes per invocation`) / batchOf(name),
          0,
        ) /
          GB,
      price: 'logsIngested',
    },
    {
      name: 'Egress: to destinations',
      quantity: sum('destination bytes') / GB,
      price: 'egress',
    },
  ];
}

export const memoryOf = (template: LocalTemplate, name: FunctionName): number =>
  functionAt(template, FUNCTIONS[name]).memoryMb;

function declaredBatch(template: LocalTemplate, name: FunctionName): number {
  const functionName = template.resource(FUNCTIONS[name]);
  const mappings = [...template.queueMappings, ...template.streamMappings];
  const found = mappings.find((each) => each.functionName === functionName);
  if (!found) throw new Error(`The template feeds ${name} from nothing`);
  return found.batchSize;
}

/** @param isCpu processor time, which takes longer on the share of a processor that the memory buys */
export const gbSeconds = (ms: number, memoryMb: number, isCpu: boolean): number =>
  (ms / 1000) * (memoryMb / 1024) * (isCpu ? Math.max(1, ONE_PROCESSOR_MB / memoryMb) : 1);

function lambdaLines(
  name: FunctionName,
  messages: number,
  batch: number,
  { memoryMb, cpuMs, waitMs }: { memoryMb: number; cpuMs: number; waitMs: number },
): Line[] {
  return [
    { name: `Lambda: ${name}, invocations`, quantity: messages / batch, price: 'lambdaRequest' },
    {
      name: `Lambda: ${name}, time`,
      quantity: gbSeconds(waitMs, memoryMb, false) + gbSeconds(cpuMs, memoryMb, true),
      price: 'lambdaGbSecond',
    },
  ];
}

function storageLines(stored: MeasuredCalls['stored'], scale: number): Line[] {
  const gigabytes = (names: readonly string[]) =>
    names.reduce((sum, name) => {
      const { items = 0, bytes = 0 } = stored[name] ?? {};
      return sum + bytes + items * ASSUMPTIONS.itemOverheadBytes;
    }, 0) *
    (scale / GB) *
    ASSUMPTIONS.monthsStored;
  const names = Object.keys(stored);
  const tables = names.filter((name) => !name.includes('.'));
  return [
    { name: 'DynamoDB: a month of storage', quantity: gigabytes(names), price: 'dynamoStorage' },
    {
      name: 'DynamoDB: point-in-time recovery',
      quantity: gigabytes(tables),
      price: 'dynamoRecovery',
    },
  ];
}
