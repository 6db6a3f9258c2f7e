import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  EventSourceMapping,
  type EventSourceMappingOptions,
  type FunctionOptions,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
// Not of its public face, but the only way to name a finding exactly as cdk-nag does.
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct } from 'constructs';
import { type ImpactAlarmProps, impactAlarm } from './alarm.ts';
import { type BundleProps, bundle } from './bundle.ts';

export interface NodeFunctionProps
  extends Pick<FunctionOptions, 'retryAttempts' | 'maxEventAge' | 'recursiveLoop'> {
  readonly bundle: BundleProps;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memoryMb?: 256 | 512;
  /**
   * What people lose when three periods in a row have an error, and what to do. A period is five minutes,
   * where the function does not run more rarely.
   */
  readonly failing: Pick<ImpactAlarmProps, 'impact' | 'runbook'> & { readonly period?: Duration };
}

/**
 * The one place that knows how a function of this app is built, run, logged and watched. It may do
 * nothing but log until `allow` says so.
 */
export class NodeFunction extends LambdaFunction {
  readonly bundle: BundleProps;
  private readonly executionRole: Role;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { bundle: bundleProps, failing, memoryMb = 256, ...rest } = props;
    const { period = Duration.minutes(5), ...alarm } = failing;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not Lambda's own managed policy, which may write to every log group of the account.
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grantWrite(role);

    super(scope, id, {
      ...rest,
      role,
      logGroup,
      code: Stack.of(scope).bundlingRequired
        ? Code.fromAsset(bundle(bundleProps))
        : Code.fromInline(
            '// Not built: this stack is not among those being synthesized for deployment.',
          ),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Lambda's own lines on every start and end would be most of the log; its metrics say the same.
      systemLogLevelV2: SystemLogLevel.WARN,
      // An event carries its own history (`explain`); a trace of every poll would cost more than the polls.
      tracing: Tracing.DISABLED,
    });
    this.bundle = bundleProps;
    this.executionRole = role;

    impactAlarm(this, 'Failing', {
      metric: this.metricErrors({ period }),
      when: { atLeast: 1 },
      periods: 3,
      ...alarm,
    });
  }

  /** Adds exactly these actions on exactly these resources to what the function may do. */
  allow(actions: readonly string[], ...resources: string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources }));
  }

  /** The same on the items of a table whose partition key is like this. */
  allowKeys(actions: readonly string[], tableArn: string, leadingKeys: string): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [tableArn],
        // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [leadingKeys] } },
      }),
    );
  }

  /** The same on every resource of a pattern, which takes a reason. */
  allowMatching(actions: readonly string[], pattern: string, reason: string): void {
    this.allow(actions, pattern);
    const finding = flattenCfnReference(Stack.of(this).resolve(pattern));
    Validations.of(this.executionRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${finding}]`,
      reason,
    });
  }

  /** Lets the function read the secrets whose names begin with `callwire/<folder>/`. */
  allowSecrets(folder: string): void {
    this.allowMatching(
      ['secretsmanager:GetSecretValue'],
      Stack.of(this).formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: `callwire/${folder}/*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      'Secrets are made by hand and named in the configuration; only this folder of names is readable.',
    );
  }

  /** Hands the function what is in a queue; it answers which messages of a batch failed. */
  readsFrom(
    queue: IQueue,
    options: Pick<EventSourceMappingOptions, 'batchSize' | 'maxConcurrency'>,
  ): void {
    this.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      queue.queueArn,
    );
    new EventSourceMapping(this, 'FromQueue', {
      target: this,
      eventSourceArn: queue.queueArn,
      reportBatchItemFailures: true,
      ...options,
    });
  }
}
