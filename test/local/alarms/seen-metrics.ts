import { DatabaseSync } from 'node:sqlite';
import { runInNewContext } from 'node:vm';
import * as z from 'zod';
import type { Tap } from '../../../lib/local/system.ts';
import type { Declared, DeclaredAlarm, DeclaredMetric } from './declared-alarms.ts';

/** One value that CloudWatch would have got. */
interface Datapoint {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A tap, and when it was. */
export interface Seen {
  readonly at: number;
  readonly tap: Tap;
}

/** Everything that is known of a run. */
export interface Run {
  readonly declared: Declared;
  readonly seen: readonly Seen[];
  /** How each webhook was answered. */
  readonly statuses: readonly number[];
  readonly dataFile: string;
  /** When it began. */
  readonly startedAt: number;
  readonly passed: Passed;
}

/** Time that nobody waits for here, because nothing would happen in it. */
export interface Passed {
  /** From the end of the life before until this one. */
  readonly beforeMs?: number;
  /** From now until somebody looks: what waits now, waits on. */
  readonly laterMs?: number;
}

const embeddedSchema = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});
const valuesSchema = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function embeddedIn(line: unknown): Datapoint[] {
  const { data } = embeddedSchema.safeParse(line);
  return (data?._aws.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name }) =>
        valuesSchema.parse(data?.[Name]).map((value) => ({
          namespace: Namespace,
          name: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, String(data?.[name])])),
          value,
        })),
      ),
    ),
  );
}

/** Of each invocation, what Lambda counts: an answer that names failed messages is no error to it. */
const invoked = ({ function: FunctionName, ok }: Extract<Tap, { kind: 'invoke' }>): Datapoint[] => {
  const of = { namespace: 'AWS/Lambda', dimensions: { FunctionName } };
  return [
    { ...of, name: 'Invocations', value: 1 },
    { ...of, name: 'Errors', value: ok ? 0 : 1 },
  ];
};

/** How old a record of the stream was when publish was done with it, or could not be. */
function iteratorAges({ declared, seen, startedAt, passed }: Run): Datapoint[] {
  const { beforeMs = 0 } = passed;
  const publish = declared.functions.find((name) => name.startsWith('OutboxPublish')) ?? '';
  let createdAt: number | undefined;
  return seen.flatMap(({ at, tap }): Datapoint[] => {
    if (tap.kind === 'item') createdAt = tap.record.dynamodb.ApproximateCreationDateTime * 1000;
    if (tap.kind !== 'invoke' || tap.function !== publish || createdAt === undefined) return [];
    const value = at - createdAt + (createdAt < startedAt ? beforeMs : 0);
    const dimensions = { FunctionName: publish };
    return [{ namespace: 'AWS/Lambda', name: 'IteratorAge', dimensions, value }];
  });
}

/** A message that was received so often is left out of the age of the oldest. */
const RECEIVED_TOO_OFTEN = 3;

/**
 * What SQS measures of queues that hold something, and what EventBridge could not hand over.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function queueMetrics({ dataFile, passed: { laterMs = 0 } }: Run): Datapoint[] {
  const now = Date.now();
  const db = new DatabaseSync(dataFile, { readOnly: true });
  const queues = db
    .prepare(
      `SELECT queue, count(*) FILTER (WHERE visibleAt <= :now) AS visible,
        min(sentAt - IIF(visibleAt <= :now, :laterMs, 0))
          FILTER (WHERE receiveCount <= ${RECEIVED_TOO_OFTEN}) AS oldest
        FROM sqs_messages GROUP BY queue`,
    )
    .all({ now, laterMs });
  const refused = db
    .prepare(
      `SELECT attributes ->> '$.RULE_ARN.StringValue' AS rule FROM sqs_messages
        WHERE attributes ->> '$.ERROR_CODE.StringValue' IS NOT NULL`,
    )
    .all();
  db.close();
  return [
    ...queues.flatMap(({ queue, visible, oldest }): Datapoint[] => {
      const of = { namespace: 'AWS/SQS', dimensions: { QueueName: String(queue) } };
      return [
        { ...of, name: 'ApproximateNumberOfMessagesVisible', value: Number(visible) },
        ...(oldest === null
          ? []
          : [
              {
                ...of,
                name: 'ApproximateAgeOfOldestMessage',
                value: (now - Number(oldest)) / 1000,
              },
            ]),
      ];
    }),
    ...refused.map(({ rule }): Datapoint => {
      const [, EventBusName = '', RuleName = ''] = /:rule\/([^/]+)\/(.+)$/.exec(String(rule)) ?? [];
      const dimensions = { EventBusName, RuleName };
      return { namespace: 'AWS/Events', name: 'FailedInvocations', dimensions, value: 1 };
    }),
  ];
}

/** What API Gateway counts, and CloudWatch in the lines of its access log. */
function requestMetrics({ declared: { stage, filters }, statuses }: Run): Datapoint[] {
  const of = {
    namespace: 'AWS/ApiGateway',
    dimensions: { ApiId: stage.api, Stage: stage.name },
  };
  return statuses.flatMap((status) => {
    const line: unknown = JSON.parse(stage.format.replace('$context.status', String(status)));
    return [
      { ...of, name: 'Count', value: 1 },
      { ...of, name: '5xx', value: status >= 500 ? 1 : 0 },
      ...filters
        .filter(({ logGroup }) => logGroup === stage.logGroup)
        .filter(({ field, equals }) => Object(line)[field] === equals)
        .map(({ namespace, name }) => ({ namespace, name, dimensions: {}, value: 1 })),
    ];
  });
}

function datapointsOf(run: Run): Datapoint[] {
  const tapped = run.seen.flatMap(({ tap }) => {
    if (tap.kind === 'log') return embeddedIn(tap.line);
    return tap.kind === 'invoke' ? invoked(tap) : [];
  });
  return [...tapped, ...iteratorAges(run), ...queueMetrics(run), ...requestMetrics(run)];
}

/** Undefined: there is no data. */
function statisticOf(statistic: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  if (statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  if (statistic === 'Maximum') return Math.max(...values);
  if (statistic === 'SampleCount') return values.length;
  const share = Number(/^p(\d+)$/.exec(statistic)?.[1]) / 100;
  if (Number.isNaN(share)) throw new Error(`Nobody here knows the statistic ${statistic}`);
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1];
}

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, value]) => b[name] === value);

/** The two functions of metric math that our alarms use, and its `AND`. */
const evaluate = (expression: string, values: Readonly<Record<string, number | undefined>>) =>
  z.number().parse(
    runInNewContext(expression.replaceAll(' AND ', ' && '), {
      ...values,
      IF: (is: boolean, yes: number, no: number) => (is ? yes : no),
      FILL: (value: number | undefined, filling: number) => value ?? filling,
    }),
  );

/**
 * The names of the alarms that ring, sorted.
 *
 * Time is compressed: a run is one period of every alarm, and one period that breaches is enough. How many
 * have to in a row is only a matter of how long a cause lasts, and ours last for as long as the run does.
 */
export function ringing(run: Run): string[] {
  const datapoints = datapointsOf(run);
  const measured = ({ namespace, name, dimensions, statistic }: DeclaredMetric) =>
    statisticOf(
      statistic,
      datapoints
        .filter((each) => each.namespace === namespace && each.name === name)
        .filter((each) => isSame(each.dimensions, dimensions))
        .map(({ value }) => value),
    );
  const rings = ({ metrics, expression, rings, threshold, ringsWithoutData }: DeclaredAlarm) => {
    const values = Object.fromEntries(metrics.map((metric) => [metric.id, measured(metric)]));
    const value = expression === undefined ? values.only : evaluate(expression, values);
    if (value === undefined) return ringsWithoutData;
    return rings === 'below' ? value < threshold : value >= threshold;
  };
  return run.declared.alarms
    .filter(rings)
    .map(({ name }) => name)
    .toSorted();
}
