/** The account and region that every local ARN names. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

/** How a resource is called and what `Ref` and `Fn::GetAtt` of it give. */
export interface Identity {
  readonly name: string;
  readonly arn: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Kind {
  /** The property that holds an explicit physical name. */
  readonly nameProperty: string;
  readonly arn: (name: string) => string;
  /** What `Ref` gives when it is not the name. */
  readonly ref?: (identity: { name: string; arn: string; endpoint: string }) => string;
  /** What `Fn::GetAtt` gives beside `Arn`. */
  readonly attributes?: (identity: {
    name: string;
    arn: string;
    ref: string;
    httpEndpoint: string;
  }) => { [attribute: string]: string };
}

const regional = (service: string, resource: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

const table: Kind = {
  nameProperty: 'TableName',
  arn: (name) => regional('dynamodb', `table/${name}`),
  attributes: ({ arn }) => ({ StreamArn: `${arn}/stream/local` }),
};

/** The resource types with an identity, and their return values in CloudFormation. */
const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    arn: (name) => regional('sqs', name),
    ref: ({ name, endpoint }) => `${endpoint}/${ACCOUNT}/${name}`,
    attributes: ({ name, ref }) => ({ QueueName: name, QueueUrl: ref }),
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    arn: (name) => regional('lambda', `function:${name}`),
  },
  'AWS::ApiGatewayV2::Api': {
    nameProperty: 'ApiId',
    arn: (name) => `arn:aws:apigateway:${REGION}::/apis/${name}`,
    attributes: ({ name, httpEndpoint }) => ({ ApiId: name, ApiEndpoint: httpEndpoint }),
  },
  'AWS::ApiGatewayV2::Integration': {
    nameProperty: 'IntegrationId',
    arn: (name) => `arn:aws:apigateway:${REGION}::/integrations/${name}`,
  },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    arn: (name) => regional('events', `event-bus/${name}`),
    attributes: ({ name }) => ({ Name: name }),
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    arn: (name) => regional('events', `rule/${name}`),
  },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    arn: (name) => regional('scheduler', `schedule/default/${name}`),
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    arn: (name) => `arn:aws:s3:::${name}`,
  },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    // Real ARNs end in six random characters; readers cut them off, so there must be some.
    arn: (name) => regional('secretsmanager', `secret:${name}-local0`),
    ref: ({ arn }) => arn,
    attributes: ({ arn }) => ({ Id: arn }),
  },
};

/** Where the local system is reached. */
export interface Addresses {
  /** The embedded AWS: queue URLs begin with it. */
  readonly endpoint: string;
  /** The HTTP API. */
  readonly httpEndpoint: string;
}

/**
 * The identity of one resource, or undefined for a type that has none here. Generated names come
 * from the logical id alone, so that data kept in a file still belongs to the same table or queue
 * after the next synthesis.
 *
 * @param explicitName the resolved value of the type's name property, if the template has one
 */
export function identify(
  type: string,
  logicalId: string,
  explicitName: string | undefined,
  { endpoint, httpEndpoint }: Addresses,
): Identity | undefined {
  const kind = KINDS[type];
  if (kind === undefined) {
    return undefined;
  }
  // Bucket names have no capitals, and generated ones end up in addresses.
  const name = explicitName ?? (type === 'AWS::S3::Bucket' ? logicalId.toLowerCase() : logicalId);
  const arn = kind.arn(name);
  const ref = kind.ref?.({ name, arn, endpoint }) ?? name;
  return {
    name,
    arn,
    ref,
    attributes: { Arn: arn, ...kind.attributes?.({ name, arn, ref, httpEndpoint }) },
  };
}

/** Where a type keeps an explicit name; undefined for types without an identity here. */
export function nameProperty(type: string): string | undefined {
  return KINDS[type]?.nameProperty;
}
