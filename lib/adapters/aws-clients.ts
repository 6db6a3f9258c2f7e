import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Quick first retries, bounded: what still fails is for the queue in front of us to try again. */
export const CLIENT_OPTIONS = { maxAttempts: 4 };

/** One per function: it keeps connections alive between invocations. */
export const documentClient = (options: DynamoDBClientConfig = {}): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ ...CLIENT_OPTIONS, ...options }), {
    marshallOptions: { removeUndefinedValues: true },
  });
