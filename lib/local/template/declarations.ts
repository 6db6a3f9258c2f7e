import type { QueueDefinition, RuleDefinition, TableDefinition } from '../services.ts';

/** Everything in a synthesized stack that the local system executes, with all references resolved. */
export interface LocalTemplate {
  readonly tables: readonly TableDefinition[];
  readonly queues: readonly QueueDefinition[];
  readonly functions: readonly FunctionDefinition[];
  readonly asyncPolicies: readonly AsyncPolicy[];
  readonly queueMappings: readonly QueueMappingDefinition[];
  readonly streamMappings: readonly StreamMappingDefinition[];
  readonly buses: readonly string[];
  readonly rules: readonly RuleDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
  /** Undefined: nothing is reached from outside. */
  readonly httpApi: HttpApiDefinition | undefined;
  readonly buckets: readonly string[];
  readonly secrets: readonly { readonly name: string; readonly value: string | undefined }[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The physical name of a resource by logical id or construct path, with or without stack and `/Resource`. */
  resource(pathOrLogicalId: string): string;
}

/** A Lambda function of the template, as the pool needs it. */
export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  /** The unpacked bundle. */
  readonly folder: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFormat: 'Text' | 'JSON';
  /** Below this level JSON logs are dropped. */
  readonly logLevel: LogLevel;
  /** `ReservedConcurrentExecutions`, if declared. */
  readonly reservedConcurrency: number | undefined;
  readonly deadLetterArn: string | undefined;
}

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** What Lambda does about an asynchronous invocation that failed. */
export interface AsyncPolicy {
  readonly functionName: string;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeMs: number;
  readonly onFailureArn: string | undefined;
}

interface MappingDefinition {
  /** The logical id: checkpoints are kept under it. */
  readonly id: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly reportsItemFailures: boolean;
  /** EventBridge patterns of which one must match; empty: everything passes. */
  readonly filters: readonly unknown[];
}

export interface QueueMappingDefinition extends MappingDefinition {
  readonly kind: 'queue';
  readonly queueArn: string;
  readonly maximumConcurrency: number | undefined;
}

export interface StreamMappingDefinition extends MappingDefinition {
  readonly kind: 'stream';
  readonly table: string;
  readonly bisects: boolean;
  /** Undefined: until the record expires. */
  readonly maximumRetryAttempts: number | undefined;
  readonly maximumRecordAgeMs: number | undefined;
  readonly onFailureArn: string | undefined;
}

export interface ScheduleDefinition {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timezone: string | undefined;
  readonly functionName: string;
  /** With placeholders such as `<aws.scheduler.scheduled-time>` still in it. */
  readonly input: string;
  readonly deadLetterArn: string | undefined;
}

/** An HTTP API of API Gateway, with its one stage. */
export interface HttpApiDefinition {
  readonly id: string;
  /** Undefined: the account's, which is not emulated. */
  readonly throttle: { readonly perSecond: number; readonly burst: number } | undefined;
  readonly routes: readonly HttpRoute[];
}

export interface HttpRoute {
  /** `POST /webhooks/{connection}`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly functionName: string;
}
