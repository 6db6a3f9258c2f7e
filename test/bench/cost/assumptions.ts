/**
 * What cannot be counted on this machine. Each is printed with the bill; processor time is measured instead, and
 * divided by the share of a processor that the function's memory buys (1,769 MB is one:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
 */
export const ASSUMPTIONS = {
  /** Ten small DynamoDB requests took 16.5 ms with 512 MB (cebert/aws-lambda-performance-benchmarks, 2025-12); SQS and EventBridge take longer. */
  awsRequestMs: 10,
  slackRequestMs: 200,
  hubspotRequestMs: 150,
  /** How long a provider takes for a page of its list: lognormal. */
  providerMedianMs: 300,
  providerSigma: 0.6,
  /** A batch of deliveries ends with its slowest. */
  slowestOfBatch: 1.5,
  /** What a request has beside its address and body: headers, a token, its part of the TLS session. */
  headerBytes: 600,
  /** A small GET over a connection that is kept alive, with its acknowledgements. */
  pollRequestBytes: 1_000,
  /** The newest month of calls is kept in full; nothing of earlier months is counted. */
  monthsStored: 1,
  itemOverheadBytes: 100,
} as const;

export const ONE_PROCESSOR_MB = 1_769;
