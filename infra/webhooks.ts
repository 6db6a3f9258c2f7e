import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WebhookEnv } from '../lib/config/env.ts';
import { METRIC_NAMESPACE } from '../lib/log.ts';
import { countOf, impactAlarm } from './alarm.ts';
import { NodeFunction } from './node-function.ts';

/**
 * Many times what a million calls a day bring, and a bound to what somebody can make us pay for who only sends rubbish.
 * What is over it is answered with 429, and sent again by most providers.
 */
const REQUESTS_PER_SECOND = 300;
const BURST = 600;

/** Who sent it does not wait for long, and it is sent again anyway. */
const TIMEOUT = Duration.seconds(15);

const PERIOD = Duration.minutes(5);

/**
 * What the access log says of a request: no address, no path, no user agent. The route is its template.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  errorType: '$context.error.responseType',
};

export interface WebhooksProps {
  readonly calls: ITable;
  readonly control: ITable;
  readonly rawRecords: IBucket;
  /** Where a connection is asked to be polled at once. */
  readonly pollQueue: IQueue;
}

/** Where providers send their webhooks: HTTP API → webhook → the Calls table, or a poll at once. */
export class Webhooks extends Construct {
  readonly webhook: NodeFunction;
  /** What the addresses of all connections begin with. */
  readonly url: string;
  private readonly accessLog: LogGroup;

  constructor(scope: Construct, id: string, props: WebhooksProps) {
    super(scope, id);
    this.webhook = this.createWebhook(props);
    this.accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const api = new HttpApi(this, 'Api', {
      description: 'Webhooks of voice-agent providers',
      createDefaultStage: false,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_PER_SECOND, burstLimit: BURST },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    const [route] = api.addRoutes({
      path: '/webhooks/{connection}/{check}',
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('ToWebhook', this.webhook),
    });
    if (!route) throw new Error('The HTTP API has no route');
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Providers sign what they send, each in its own way; the function verifies it over the raw body, which no authorizer is given.',
    });
    this.url = `${api.apiEndpoint}/webhooks`;
    this.watch(stage);
  }

  private createWebhook({ calls, control, rawRecords, pollQueue }: WebhooksProps): NodeFunction {
    const webhook = new NodeFunction(this, 'Webhook', {
      bundle: { name: 'webhook', entry: 'webhook' },
      description: 'Verifies webhooks of providers, and records what they carry or asks for a poll',
      timeout: TIMEOUT,
      environment: {
        CALLS_TABLE: calls.tableName,
        CONTROL_TABLE: control.tableName,
        RAW_BUCKET: rawRecords.bucketName,
        POLL_QUEUE_URL: pollQueue.queueUrl,
        DEPLOYMENT: Stack.of(this).stackId,
      } satisfies WebhookEnv,
      failing: {
        impact: 'Webhooks crash or time out: outcomes are seen only when they are polled.',
        runbook: 'webhooks-failing',
      },
    });
    webhook.allow(['dynamodb:BatchGetItem'], calls.tableArn, control.tableArn);
    webhook.allow(['dynamodb:PutItem'], calls.tableArn);
    // Windows of hints, and what cannot be made out: not settings, and not what polling remembers.
    webhook.allowKeys(['dynamodb:PutItem'], control.tableArn, 'connection#*');
    webhook.allowMatching(
      ['s3:PutObject'],
      rawRecords.arnForObjects('*'),
      'The objects do not exist yet; webhook may add to this one bucket, and not read it.',
    );
    webhook.allow(['sqs:SendMessage'], pollQueue.queueArn);
    webhook.allowSecrets('providers');
    return webhook;
  }

  private watch(stage: HttpStage): void {
    const throttled = this.throttled();
    impactAlarm(stage, 'Failing', {
      metric: stage.metricServerError({ statistic: Stats.SUM, period: PERIOD }),
      when: { atLeast: 1 },
      periods: 3,
      impact:
        'Webhooks are refused through a fault of ours: outcomes are seen when they are polled.',
      runbook: 'webhooks-failing',
    });
    impactAlarm(stage, 'Forged', {
      metric: new MathExpression({
        // A few are noise. Most of them, and many: a rotated secret that only one side knows, or an attack.
        // What was throttled nobody has verified: a flood would hide itself among it.
        expression:
          'IF(forged >= 20 AND forged > 0.2 * (FILL(all, 0) - FILL(throttled, 0)), forged, 0)',
        usingMetrics: {
          forged: countOf('WebhooksForged'),
          all: stage.metricCount({ statistic: Stats.SAMPLE_COUNT, period: PERIOD }),
          throttled,
        },
        label: 'Forged webhooks, where they are many',
        period: PERIOD,
      }),
      when: { atLeast: 1 },
      periods: 2,
      impact: 'Webhooks whose signature does not fit are refused, perhaps all of one connection.',
      runbook: 'webhooks-forged',
    });
    impactAlarm(stage, 'Throttled', {
      metric: throttled,
      when: { atLeast: 1 },
      periods: 3,
      impact: 'More webhooks come than are let in, so some are seen only when they are polled.',
      runbook: 'webhooks-throttled',
    });
    impactAlarm(stage, 'Unattributed', {
      metric: countOf('WebhooksUnattributed'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'Authentic webhooks that nobody can make out are set aside, and their calls polled.',
      runbook: 'webhooks-unattributed',
    });
  }

  /** An HTTP API counts what it throttles among all 4xx, so it is counted from the access log. */
  private throttled(): Metric {
    const metricName = 'WebhooksThrottled';
    new MetricFilter(this, 'ThrottledFilter', {
      logGroup: this.accessLog,
      filterPattern: FilterPattern.stringValue('$.status', '=', '429'),
      metricNamespace: METRIC_NAMESPACE,
      metricName,
      metricValue: '1',
    });
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      statistic: Stats.SUM,
      period: PERIOD,
    });
  }
}
