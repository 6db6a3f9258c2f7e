import * as z from 'zod';
import type { QueueDefinition, TableDefinition } from '../services.ts';
import { declared } from './declared.ts';
import type { Identity } from './identity.ts';

const keySchema = z.array(
  z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }),
);

const indexSchema = z
  .object({
    IndexName: z.string(),
    KeySchema: keySchema,
    Projection: z.strictObject({
      ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
      NonKeyAttributes: z.array(z.string()).optional(),
    }),
  })
  .transform(({ IndexName, KeySchema, Projection }) => ({
    name: IndexName,
    keySchema: KeySchema,
    projection: Projection,
  }));

const tableSchema = declared(
  {
    TableName: z.string().optional(),
    KeySchema: keySchema,
    AttributeDefinitions: z.array(
      z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
    ),
    GlobalSecondaryIndexes: z.array(indexSchema).default([]),
    StreamSpecification: z
      .object({
        StreamViewType: z.enum(['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']),
      })
      .optional(),
    TimeToLiveSpecification: z
      .strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() })
      .optional(),
  },
  [
    'BillingMode',
    'ContributorInsightsSpecification',
    'DeletionProtectionEnabled',
    'OnDemandThroughput',
    'PointInTimeRecoverySpecification',
    'ProvisionedThroughput',
    'Replicas',
    'SSESpecification',
    'TableClass',
    'Tags',
    'WarmThroughput',
    'WriteOnDemandThroughputSettings',
    'WriteProvisionedThroughputSettings',
  ],
);

const queueSchema = declared(
  {
    QueueName: z.string().optional(),
    VisibilityTimeout: z.number().default(30),
    DelaySeconds: z.number().default(0),
    MessageRetentionPeriod: z.number().default(4 * 24 * 60 * 60),
    RedrivePolicy: z
      .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() })
      .optional(),
  },
  [
    'KmsDataKeyReusePeriodSeconds',
    'KmsMasterKeyId',
    'MaximumMessageSize',
    'ReceiveMessageWaitTimeSeconds',
    'RedriveAllowPolicy',
    'SqsManagedSseEnabled',
    'Tags',
  ],
);

const secretSchema = declared(
  { Name: z.string().optional(), SecretString: z.string().optional() },
  ['Description', 'GenerateSecretString', 'KmsKeyId', 'ReplicaRegions', 'Tags'],
);

/** An `AWS::DynamoDB::Table` or, as `TableV2` writes it, a `GlobalTable` of one region. */
export function readTable({ name }: Identity, properties: unknown): TableDefinition {
  const table = tableSchema.parse(properties);
  const ttl = table.TimeToLiveSpecification;
  return {
    name,
    keySchema: table.KeySchema,
    attributeDefinitions: table.AttributeDefinitions,
    indexes: table.GlobalSecondaryIndexes,
    streamView: table.StreamSpecification?.StreamViewType,
    ttlAttribute: ttl?.Enabled === true ? ttl.AttributeName : undefined,
  };
}

/** An `AWS::SQS::Queue`. FIFO queues are refused: nothing here orders messages by group. */
export function readQueue({ name, arn }: Identity, properties: unknown): QueueDefinition {
  const queue = queueSchema.parse(properties);
  const redrive = queue.RedrivePolicy;
  return {
    name,
    arn,
    visibilityTimeoutSeconds: queue.VisibilityTimeout,
    delaySeconds: queue.DelaySeconds,
    retentionSeconds: queue.MessageRetentionPeriod,
    redrive: redrive && {
      deadLetterArn: redrive.deadLetterTargetArn,
      maxReceiveCount: redrive.maxReceiveCount,
    },
  };
}

/** An `AWS::SecretsManager::Secret`; a generated value is left out, for nobody can know it. */
export function readSecret(
  { name }: Identity,
  properties: unknown,
): { readonly name: string; readonly value: string | undefined } {
  return { name, value: secretSchema.parse(properties).SecretString };
}
