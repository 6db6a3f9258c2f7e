import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { atomically } from './database.ts';
import { compilePattern } from './event-pattern.ts';
import { isoSeconds } from './iso-seconds.ts';
import { parseRequest } from './parse-request.ts';
import type {
  BusEvent,
  BusService,
  QueueService,
  RuleDefinition,
  ServiceContext,
} from './services.ts';
import { AwsError } from './services.ts';
import { ACCOUNT, REGION } from './template/identity.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1_048_576;
const MAX_DETAIL_TYPE_LENGTH = 128;

const entrySchema = z.object({
  Source: z.string().default(''),
  DetailType: z.string().default(''),
  Detail: z.string().default(''),
  EventBusName: z.string().default('default'),
  Resources: z.array(z.string()).default([]),
  /** Seconds since the epoch, as the JSON protocol writes times. */
  Time: z.number().optional(),
});
const putEventsSchema = z.object({ Entries: z.array(entrySchema).min(1).max(MAX_ENTRIES) });
const describeBusSchema = z.object({ Name: z.string().default('default') });
type Entry = z.infer<typeof entrySchema>;

interface CompiledRule extends RuleDefinition {
  readonly matches: (event: unknown) => boolean;
}

type Target = RuleDefinition['targets'][number];
type Listener = Parameters<BusService['onEvent']>[0];
type Result = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/**
 * Event buses whose rules send to SQS queues. All that one PutEvents causes is committed together,
 * so unlike EventBridge's own delivery it is neither retried nor repeated.
 */
export function createBusService({ db, now }: ServiceContext, queues: QueueService): BusService {
  const buses = new Map<string, Map<string, CompiledRule>>([['default', new Map()]]);
  const listeners: Listener[] = [];

  /** @returns the event, its bus and the rules it matched, for the listeners */
  function route(event: BusEvent, busName: string): Parameters<Listener> | undefined {
    const rules = buses.get(busName);
    if (rules === undefined) return undefined;
    const matched = [...rules.values()].filter((rule) => rule.matches(event));
    for (const rule of matched) {
      for (const target of rule.targets) deliver(event, rule, target);
    }
    return [event, busName, matched.map(({ name }) => name)];
  }

  function deliver(event: BusEvent, rule: RuleDefinition, target: Target): void {
    const body = JSON.stringify(event);
    try {
      queues.send(target.queueArn, body, groupOf(target));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      deadLetter(body, rule, target, error);
    }
  }

  /**
   * Without a dead-letter queue that can be written to, the event is gone, as it is on AWS.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/rule-dlq.html
   */
  function deadLetter(body: string, rule: RuleDefinition, target: Target, cause: AwsError): void {
    if (target.deadLetterArn === undefined) return;
    const isMissing = cause.name === 'QueueDoesNotExist';
    const attributes = {
      RULE_ARN: text(`arn:aws:events:${REGION}:${ACCOUNT}:rule/${rule.busName}/${rule.name}`),
      TARGET_ARN: text(target.queueArn),
      ERROR_CODE: text(isMissing ? 'NO_RESOURCE' : 'ERROR_FROM_TARGET'),
      ERROR_MESSAGE: text(cause.message),
    };
    try {
      queues.send(target.deadLetterArn, body, { attributes });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }

  function putEvents(input: unknown) {
    const request = parseRequest(putEventsSchema, input, validationError);
    if (request.Entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > MAX_REQUEST_BYTES) {
      throw validationError('Total size of the entries in the request is over the limit.');
    }
    const routed: Parameters<Listener>[] = [];
    const entries = atomically(db, () =>
      request.Entries.map((entry): Result => {
        const refusal = check(entry);
        if (refusal !== undefined) return refusal;
        const event = toEvent(entry, now());
        // An unknown bus swallows the event and reports success, as EventBridge does: a caller that
        // misspells the bus must not fare better here.
        const outcome = route(event, nameOf(entry.EventBusName));
        if (outcome !== undefined) routed.push(outcome);
        return { EventId: event.id };
      }),
    );
    for (const outcome of routed) for (const listener of listeners) listener(...outcome);

    return {
      FailedEntryCount: entries.filter((entry) => 'ErrorCode' in entry).length,
      Entries: entries,
    };
  }

  function describeBus(input: unknown) {
    const { Name } = parseRequest(describeBusSchema, input, validationError);
    const name = nameOf(Name);
    if (!buses.has(name)) throw notFound(name);
    return { Name: name, Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}` };
  }

  return {
    target: 'AWSEvents',
    handle(operation, input) {
      if (operation === 'PutEvents') return putEvents(input);
      if (operation === 'DescribeEventBus') return describeBus(input);
      throw new AwsError('UnknownOperationException', `EventBridge has no ${operation} here.`);
    },
    createBus(name) {
      if (!buses.has(name)) buses.set(name, new Map());
    },
    createRule(rule) {
      const rules = buses.get(rule.busName);
      if (rules === undefined) {
        throw notFound(rule.busName);
      }
      rules.set(rule.name, { ...rule, matches: compilePattern(rule.pattern) });
    },
    onEvent: (listener) => void listeners.push(listener),
  };
}

/** Buses are named by their name or their ARN. */
const nameOf = (bus: string): string => bus.replace(/^arn:.*event-bus\//, '');

const notFound = (bus: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);

function check(entry: Entry): Result | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (entry[name] === '') return invalidArgument(name, `${name} is a required argument.`);
  }
  if (entry.Source.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  if (entry.DetailType.length > MAX_DETAIL_TYPE_LENGTH) {
    return invalidArgument(
      'DetailType',
      `DetailType is over ${MAX_DETAIL_TYPE_LENGTH} characters.`,
    );
  }
  return parseDetail(entry.Detail) === undefined
    ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
    : undefined;
}

function invalidArgument(name: string, reason: string): Result {
  return {
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${name} is not valid. Reason: ${reason}`,
  };
}

function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function parseDetail(detail: string): object | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(detail)).data;
  } catch {
    return undefined;
  }
}

function toEvent(entry: Entry, receivedAt: number): BusEvent {
  const time = entry.Time === undefined ? receivedAt : entry.Time * 1000;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: ACCOUNT,
    time: isoSeconds(new Date(time)),
    region: REGION,
    resources: entry.Resources,
    detail: parseDetail(entry.Detail),
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function entryBytes(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...entry.Resources];
  const timeBytes = entry.Time === undefined ? 0 : 14;
  return texts.reduce((sum, part) => sum + Buffer.byteLength(part), timeBytes);
}

function groupOf({ groupId }: Target): { groupId?: string } {
  return groupId === undefined ? {} : { groupId };
}

function text(value: string): { DataType: string; StringValue: string } {
  return { DataType: 'String', StringValue: value };
}
