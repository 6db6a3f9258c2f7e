import type { IncomingHttpHeaders } from 'node:http';
import type { DatabaseSync } from 'node:sqlite';

/**
 * What the emulated services of the local system owe each other. All of them live in one process
 * and keep everything they must not lose in one SQLite file, so that a SIGKILL at any moment leaves
 * either all of a change (an item *and* its stream record) or none of it.
 */
export interface ServiceContext {
  readonly db: DatabaseSync;
  /** Milliseconds since the epoch. Tests pass their own. */
  readonly now: () => number;
}

/** An error as an AWS service answers it: `name` is the exception's name on the wire. */
export class AwsError extends Error {
  override readonly name: string;
  readonly statusCode: number;
  /** Further members of the JSON answer, such as `Item` or `CancellationReasons`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    name: string,
    message: string,
    {
      statusCode = 400,
      members = {},
    }: { statusCode?: number; members?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = name;
    this.statusCode = statusCode;
    this.members = members;
  }
}

/** One AWS JSON-protocol service: `operation` is what follows the dot in `X-Amz-Target`. */
export interface JsonService {
  /** The part of `X-Amz-Target` before the dot, e.g. `DynamoDB_20120810`. */
  readonly target: string;
  handle(operation: string, input: Record<string, unknown>): unknown;
}

/** A DynamoDB attribute value on the wire; binary is base64. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type AttributeMap = Readonly<Record<string, AttributeValue>>;

/** The part of a CloudFormation `AWS::DynamoDB::Table` or `GlobalTable` that the store acts on. */
export interface TableDefinition {
  readonly name: string;
  readonly keySchema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
  readonly attributeDefinitions: readonly {
    AttributeName: string;
    AttributeType: 'S' | 'N' | 'B';
  }[];
  readonly indexes: readonly {
    readonly name: string;
    readonly keySchema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
    readonly projection: {
      ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
      NonKeyAttributes?: readonly string[];
    };
  }[];
  /** Undefined: the table has no stream. */
  readonly streamView: 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' | 'KEYS_ONLY' | undefined;
  /** The attribute that holds the expiry in epoch seconds. */
  readonly ttlAttribute: string | undefined;
}

/** One record of a table's stream, in the shape a Lambda event source mapping hands on. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  /** Present when expiry removed the item. */
  readonly userIdentity?: {
    readonly type: 'Service';
    readonly principalId: 'dynamodb.amazonaws.com';
  };
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: AttributeMap;
    readonly NewImage?: AttributeMap;
    readonly OldImage?: AttributeMap;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

export interface DynamoService extends JsonService {
  /** Creates the table, or takes up the one that is there. A changed key schema is refused. */
  createTable(definition: TableDefinition): void;
  /** How many shards a stream has; a key's records are all in one. */
  readonly shards: number;
  /** Records of one shard after a position, oldest first. Position 0 is the beginning. */
  readStream(
    table: string,
    shard: number,
    after: number,
    limit: number,
  ): {
    readonly records: readonly StreamRecord[];
    /** The position after the last record of `records`. */
    readonly position: number;
  };
  /** Called, without arguments but the table, soon after a change with a stream record is committed. */
  onChange(listener: (table: string) => void): void;
  /** Removes expired items (as TTL does, with `userIdentity` in the stream) and stream records past 24 hours. */
  expire(): void;
}

export interface QueueDefinition {
  readonly name: string;
  readonly arn: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly redrive:
    | { readonly deadLetterArn: string; readonly maxReceiveCount: number }
    | undefined;
}

/** A received message, in the shape a Lambda event source mapping hands on. */
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
}

export interface QueueService extends JsonService {
  createQueue(definition: QueueDefinition): void;
  /** Messages ready now, made invisible for the queue's timeout; ones received too often go to the dead letters. */
  receive(queueArn: string, limit: number, visibilitySeconds?: number): readonly QueueMessage[];
  send(
    queueArn: string,
    body: string,
    options?: { delaySeconds?: number; groupId?: string; attributes?: Record<string, unknown> },
  ): string;
  remove(queueArn: string, receiptHandles: readonly string[]): void;
  changeVisibility(queueArn: string, receiptHandle: string, seconds: number): void;
  /** When the next message becomes visible, in epoch milliseconds; undefined when there is none. */
  nextVisibleAt(queueArn: string): number | undefined;
  /** @param until in epoch milliseconds: what becomes visible later is not counted as delayed */
  depth(
    queueArn: string,
    until?: number,
  ): {
    readonly visible: number;
    readonly delayed: number;
    readonly inFlight: number;
  };
  onSend(listener: (queueArn: string) => void): void;
}

/** An event as a rule's target receives it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface RuleDefinition {
  readonly name: string;
  readonly busName: string;
  readonly pattern: unknown;
  /** SQS queues only: that is all this app targets; anything else is refused when the template is loaded. */
  readonly targets: readonly {
    readonly queueArn: string;
    readonly groupId?: string;
    readonly deadLetterArn?: string;
  }[];
}

export interface BusService extends JsonService {
  createBus(name: string): void;
  createRule(rule: RuleDefinition): void;
  /** Every event put on a bus that exists, with the rules that matched. For the live view. */
  onEvent(listener: (event: BusEvent, busName: string, matched: readonly string[]) => void): void;
}

export interface SecretService extends JsonService {
  /** Where the values of secrets come from; asked anew at each read, so that rotation can be shown. */
  putSecret(name: string, value: string): void;
}

/** S3 speaks REST, not JSON: the server hands it whole requests. */
export interface ObjectService {
  createBucket(name: string): void;
  handle(request: {
    method: string;
    /** As it was sent: encoded, and with its `.` and `..`, which in a key are segments like any other. */
    path: string;
    query: URLSearchParams;
    headers: IncomingHttpHeaders;
    /** As it was sent, `aws-chunked` included. */
    body: Buffer;
  }): {
    status: number;
    headers?: Record<string, string>;
    body?: Buffer | string;
  };
}
