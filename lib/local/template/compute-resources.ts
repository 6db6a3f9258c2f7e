import * as z from 'zod';
import type { RuleDefinition } from '../services.ts';
import type {
  AsyncPolicy,
  FunctionDefinition,
  QueueMappingDefinition,
  ScheduleDefinition,
  StreamMappingDefinition,
} from './declarations.ts';
import { declared, queueReference } from './declared.ts';
import type { Identity } from './identity.ts';

const patternText = z.string().transform((pattern): unknown => JSON.parse(pattern));
const logLevelSchema = z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']);

const functionSchema = declared(
  {
    FunctionName: z.string().optional(),
    Runtime: z.string().startsWith('nodejs'),
    Handler: z.string().includes('.'),
    Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
    Environment: z
      .strictObject({ Variables: z.record(z.string(), z.string()).default({}) })
      .optional(),
    Timeout: z.number().default(3),
    MemorySize: z.number().default(128),
    LoggingConfig: z
      .strictObject({
        LogFormat: z.enum(['Text', 'JSON']).default('Text'),
        ApplicationLogLevel: logLevelSchema.default('INFO'),
        SystemLogLevel: z.string().optional(),
        LogGroup: z.string().optional(),
      })
      .optional(),
    DeadLetterConfig: queueReference('TargetArn').optional(),
    ReservedConcurrentExecutions: z.number().min(1).optional(),
  },
  [
    'Architectures',
    'Description',
    'EphemeralStorage',
    'RecursiveLoop',
    'Role',
    'RuntimeManagementConfig',
    'Tags',
    'TracingConfig',
  ],
);

/** How Lambda writes "until the record expires". */
const UNLIMITED = -1;

const mappingMembers = {
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  FilterCriteria: z
    .strictObject({ Filters: z.array(z.strictObject({ Pattern: patternText })) })
    .optional(),
};

const queueMappingSchema = declared(
  {
    ...mappingMembers,
    BatchSize: z.number().default(10),
    ScalingConfig: z.strictObject({ MaximumConcurrency: z.number() }).optional(),
  },
  ['MetricsConfig', 'Tags'],
);

// ParallelizationFactor is let through: it only makes AWS less ordered than the local system is.
const streamMappingSchema = declared(
  {
    ...mappingMembers,
    BatchSize: z.number().default(100),
    StartingPosition: z.literal('TRIM_HORIZON'),
    BisectBatchOnFunctionError: z.boolean().default(false),
    MaximumRetryAttempts: z.number().default(-1),
    MaximumRecordAgeInSeconds: z.number().default(-1),
    DestinationConfig: z
      .strictObject({ OnFailure: queueReference('Destination').optional() })
      .optional(),
  },
  ['MetricsConfig', 'ParallelizationFactor', 'Tags'],
);

const invokeConfigSchema = declared(
  {
    FunctionName: z.string(),
    Qualifier: z.literal('$LATEST'),
    MaximumRetryAttempts: z.number().default(2),
    MaximumEventAgeInSeconds: z.number().default(6 * 60 * 60),
    DestinationConfig: z
      .strictObject({ OnFailure: queueReference('Destination').optional() })
      .optional(),
  },
  [],
);

const ruleSchema = declared(
  {
    Name: z.string().optional(),
    EventBusName: z.string(),
    EventPattern: z.unknown(),
    State: z.literal('ENABLED').default('ENABLED'),
    Targets: z.array(
      // A queue on this machine takes every message at once, so a RetryPolicy has nothing to do.
      declared(
        {
          Arn: z.string().regex(/:sqs:/, 'only queues are emulated as targets of rules'),
          SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
          DeadLetterConfig: queueReference('Arn').optional(),
        },
        ['Id', 'RetryPolicy'],
      ),
    ),
  },
  ['Description', 'Tags'],
);

const scheduleSchema = declared(
  {
    Name: z.string().optional(),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.string().optional(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    // Scheduler calls Lambda asynchronously: what it retries and dead-letters is a call that was not
    // taken, which cannot happen here. What the function throws is up to its own AsyncPolicy.
    // https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html
    Target: declared(
      {
        Arn: z.string().regex(/:lambda:/, 'only functions are emulated as targets of schedules'),
        Input: z.string(),
        DeadLetterConfig: queueReference('Arn').optional(),
      },
      ['RetryPolicy', 'RoleArn'],
    ),
  },
  ['Description', 'FlexibleTimeWindow', 'GroupName'],
);

/**
 * An `AWS::Lambda::Function` whose code is a folder of the assembly.
 *
 * @param assetFolder finds the folder of an uploaded bundle by its object key
 */
export function readFunction(
  { name, arn }: Identity,
  properties: unknown,
  assetFolder: (objectKey: string) => string | undefined,
): FunctionDefinition {
  const declaredFunction = functionSchema.parse(properties);
  const folder = assetFolder(declaredFunction.Code.S3Key);
  if (folder === undefined) {
    throw new Error(`the assembly has no folder for the bundle ${declaredFunction.Code.S3Key}`);
  }
  return {
    name,
    arn,
    folder,
    handler: declaredFunction.Handler,
    timeoutMs: declaredFunction.Timeout * 1000,
    memoryMb: declaredFunction.MemorySize,
    environment: declaredFunction.Environment?.Variables ?? {},
    logFormat: declaredFunction.LoggingConfig?.LogFormat ?? 'Text',
    logLevel: declaredFunction.LoggingConfig?.ApplicationLogLevel ?? 'INFO',
    reservedConcurrency: declaredFunction.ReservedConcurrentExecutions,
    deadLetterArn: declaredFunction.DeadLetterConfig?.TargetArn,
  };
}

/** An `AWS::Lambda::EventInvokeConfig`: retries of asynchronous invocations. */
export function readAsyncPolicy(properties: unknown): AsyncPolicy {
  const config = invokeConfigSchema.parse(properties);
  return {
    functionName: functionNameOf(config.FunctionName),
    maximumRetryAttempts: config.MaximumRetryAttempts,
    maximumEventAgeMs: config.MaximumEventAgeInSeconds * 1000,
    onFailureArn: config.DestinationConfig?.OnFailure?.Destination,
  };
}

/** An `AWS::Lambda::EventSourceMapping`; undefined when it is switched off. */
export function readMapping(
  id: string,
  properties: Readonly<Record<string, unknown>>,
): QueueMappingDefinition | StreamMappingDefinition | undefined {
  const source = String(properties.EventSourceArn);
  if (source.includes(':sqs:')) {
    return readQueueMapping(id, properties);
  }
  if (source.includes(':dynamodb:')) {
    return readStreamMapping(id, properties);
  }
  throw new Error(`${source} is neither a queue nor a table's stream`);
}

function readQueueMapping(id: string, properties: unknown): QueueMappingDefinition | undefined {
  const mapping = queueMappingSchema.parse(properties);
  return mapping.Enabled
    ? {
        ...commonOf(id, mapping),
        kind: 'queue',
        queueArn: mapping.EventSourceArn,
        maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency,
      }
    : undefined;
}

function readStreamMapping(id: string, properties: unknown): StreamMappingDefinition | undefined {
  const mapping = streamMappingSchema.parse(properties);
  const [, table] = mapping.EventSourceArn.match(/:table\/([^/]+)\/stream\//) ?? [];
  if (table === undefined) {
    throw new Error(`${mapping.EventSourceArn} is not the stream of a table`);
  }
  const { MaximumRetryAttempts: attempts, MaximumRecordAgeInSeconds: age } = mapping;
  return mapping.Enabled
    ? {
        ...commonOf(id, mapping),
        kind: 'stream',
        table,
        bisects: mapping.BisectBatchOnFunctionError,
        maximumRetryAttempts: attempts === UNLIMITED ? undefined : attempts,
        maximumRecordAgeMs: age === UNLIMITED ? undefined : age * 1000,
        onFailureArn: mapping.DestinationConfig?.OnFailure?.Destination,
      }
    : undefined;
}

function commonOf(
  id: string,
  mapping: z.infer<typeof queueMappingSchema | typeof streamMappingSchema>,
) {
  return {
    id,
    functionName: functionNameOf(mapping.FunctionName),
    batchSize: mapping.BatchSize,
    batchingWindowMs: mapping.MaximumBatchingWindowInSeconds * 1000,
    reportsItemFailures: mapping.FunctionResponseTypes.length > 0,
    filters: mapping.FilterCriteria?.Filters.map(({ Pattern }) => Pattern) ?? [],
  };
}

/** An `AWS::Events::Rule` with an event pattern; rules on a schedule are refused. */
export function readRule({ name }: Identity, properties: unknown): RuleDefinition {
  const rule = ruleSchema.parse(properties);
  return {
    name,
    busName: rule.EventBusName.replace(/^.*:event-bus\//, ''),
    pattern: rule.EventPattern,
    targets: rule.Targets.map(({ Arn, SqsParameters, DeadLetterConfig }) => ({
      queueArn: Arn,
      ...(SqsParameters && { groupId: SqsParameters.MessageGroupId }),
      ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.Arn }),
    })),
  };
}

/** An `AWS::Scheduler::Schedule` that invokes a function; undefined when it is switched off. */
export function readSchedule(
  { name, arn }: Identity,
  properties: unknown,
): ScheduleDefinition | undefined {
  const schedule = scheduleSchema.parse(properties);
  return schedule.State === 'ENABLED'
    ? {
        name,
        arn,
        expression: schedule.ScheduleExpression,
        timezone: schedule.ScheduleExpressionTimezone,
        functionName: functionNameOf(schedule.Target.Arn),
        input: schedule.Target.Input,
        deadLetterArn: schedule.Target.DeadLetterConfig?.Arn,
      }
    : undefined;
}

/** Functions are named by `Ref` (the name) or by ARN, as the construct pleases. */
function functionNameOf(nameOrArn: string): string {
  return nameOrArn.replace(/^.*:function:/, '');
}
