/** A list price in US dollars, us-east-1, free tiers left out. */
export interface Price {
  readonly usd: number;
  readonly per: string;
  /** Where it stands, and when that was read or published. */
  readonly source: string;
}

const M = 1e-6;

/** The one table of prices that every figure of `bench:cost` is made of. */
export const PRICES = {
  dynamoWrite: {
    usd: 0.625 * M,
    per: 'write request unit',
    source: 'aws.amazon.com/dynamodb/pricing/on-demand, halved on 2024-11-01',
  },
  dynamoRead: {
    usd: 0.125 * M,
    per: 'read request unit',
    source: 'aws.amazon.com/dynamodb/pricing/on-demand, halved on 2024-11-01',
  },
  dynamoStorage: {
    usd: 0.25,
    per: 'GB-month, with 100 bytes an item on top',
    source: 'aws.amazon.com/dynamodb/pricing/on-demand, 2026-08',
  },
  dynamoRecovery: {
    usd: 0.2,
    per: 'GB-month of point-in-time recovery, indexes not counted',
    source: 'aws.amazon.com/dynamodb/pricing/on-demand, 2026-08',
  },
  lambdaRequest: {
    usd: 0.2 * M,
    per: 'invocation',
    source: 'aws.amazon.com/lambda/pricing, 2026-05-11',
  },
  lambdaGbSecond: {
    usd: 0.0000133334,
    per: 'GB-second, arm64, first tier',
    source: 'aws.amazon.com/lambda/pricing, 2026-05-11',
  },
  eventBridgeEvent: {
    usd: 1 * M,
    per: '64 KB of a custom event',
    source: 'aws.amazon.com/eventbridge/pricing, 2026-06',
  },
  sqsRequest: {
    usd: 0.4 * M,
    per: 'request on a standard queue, 64 KB',
    source: 'aws.amazon.com/sqs/pricing, 2026-06-13',
  },
  sqsFair: {
    usd: 0.1 * M,
    per: 'request on a fair queue (one that is sent message groups), on top',
    source: 'aws.amazon.com/sqs/pricing, 2026-06-13',
  },
  schedulerInvocation: {
    usd: 1 * M,
    per: 'invocation of EventBridge Scheduler',
    source: 'aws.amazon.com/eventbridge/pricing, 2026-03-13',
  },
  secretRead: {
    usd: 0.05 / 10_000,
    per: 'GetSecretValue',
    source: 'aws.amazon.com/secrets-manager/pricing, 2026',
  },
  s3Put: { usd: 5 * M, per: 'PUT request', source: 'aws.amazon.com/s3/pricing, 2026' },
  s3Storage: { usd: 0.023, per: 'GB-month', source: 'aws.amazon.com/s3/pricing, 2026' },
  logsIngested: {
    usd: 0.5,
    per: 'GB of CloudWatch Logs, with 26 bytes an event on top',
    source: 'aws.amazon.com/cloudwatch/pricing, 2025-05-01',
  },
  egress: {
    usd: 0.09,
    per: 'GB out to the internet',
    source: 'aws.amazon.com/ec2/pricing/on-demand, 2026',
  },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** One line of a bill: so many of something, at its price. */
export interface Line {
  readonly name: string;
  readonly quantity: number;
  readonly price: PriceName;
}

export const usdOf = ({ quantity, price }: Line): number => quantity * PRICES[price].usd;

export const totalOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, line) => sum + usdOf(line), 0);
