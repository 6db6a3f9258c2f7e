import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CALL_DAYS } from '../lib/calls/call.ts';
import { impactAlarm } from './alarm.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** What every table has: it outlives the stack, and any second of its last five weeks can be brought back. */
const durable = {
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.AWS_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  removalPolicy: RemovalPolicy.RETAIN,
  timeToLiveAttribute: 'expiresAt',
} as const;

/** Everything that is kept. Losing anything else costs time; losing this costs calls. */
export class Storage extends Construct {
  /** One item per call, and notices; its stream is the outbox. */
  readonly calls: Table;
  /** Connections, destinations, routes, and how far polling got. */
  readonly control: Table;
  /** One item per event and destination, with attempts and receipt. */
  readonly deliveries: Table;
  /** Provider records too large to be kept beside their call. */
  readonly rawRecords: Bucket;
  readonly callsStreamArn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);

    this.calls = new Table(this, 'Calls', {
      ...durable,
      partitionKey: text('pk'),
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    // A connection's calls by time; failed calls by day, in shards; calls by phone number.
    addKeysOnlyIndex(this.calls, 'byTime', 't', 'at');
    addKeysOnlyIndex(this.calls, 'failedByDay', 'f', 'at');
    addKeysOnlyIndex(this.calls, 'byNumber', 'n', 'at');

    this.control = new Table(this, 'Control', {
      ...durable,
      partitionKey: text('pk'),
      sortKey: text('sk'),
    });

    this.deliveries = new Table(this, 'Deliveries', {
      ...durable,
      partitionKey: text('pk'),
      sortKey: text('sk'),
    });
    // Only deliveries that still want something: waiting, parked, failed, uncertain.
    addKeysOnlyIndex(this.deliveries, 'unsettled', 'u', 'dueAt');

    for (const table of [this.calls, this.control, this.deliveries]) alarmOnRefusals(table);

    const { tableStreamArn } = this.calls;
    if (tableStreamArn === undefined) throw new Error('The Calls table has no stream');
    this.callsStreamArn = tableStreamArn;

    this.rawRecords = new Bucket(this, 'RawRecords', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // Each object is written once, under a name of its own; older versions would only outlive an erasure.
      versioned: false,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          expiration: Duration.days(CALL_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        // A day longer than the items that lead there.
        ...['quarantine/', 'webhooks/'].map((prefix) => ({
          prefix,
          expiration: Duration.days(31),
        })),
      ],
    });
    Validations.of(this.rawRecords).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only poll writes here and no function reads; a log of accesses would need a second bucket that outgrows this one.',
    });
  }
}

/** Keys only, so that a change of anything else costs the index no write. */
function addKeysOnlyIndex(table: Table, indexName: string, hash: string, range: string): void {
  table.addGlobalSecondaryIndex({
    indexName,
    partitionKey: text(hash),
    sortKey: text(range),
    projectionType: ProjectionType.KEYS_ONLY,
  });
}

function alarmOnRefusals(table: Table): void {
  const count = (metricName: string, dimensions: Record<string, string> = {}) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: table.tableName, ...dimensions },
      statistic: Stats.SUM,
    });
  impactAlarm(table, 'Refusing', {
    metric: new MathExpression({
      // None of them has data while all is well, and a sum with a gap in it is a gap.
      expression: 'FILL(reads, 0) + FILL(writes, 0) + FILL(puts, 0) + FILL(updates, 0)',
      usingMetrics: {
        reads: count('ReadThrottleEvents'),
        writes: count('WriteThrottleEvents'),
        puts: count('SystemErrors', { Operation: 'PutItem' }),
        updates: count('SystemErrors', { Operation: 'UpdateItem' }),
      },
      label: `${table.node.id}: throttled or failed`,
      period: Duration.minutes(5),
    }),
    when: { atLeast: 1 },
    periods: 3,
    impact: `Work on the ${table.node.id} table is refused, tried again, and late.`,
    runbook: 'table-refusing',
  });
}
