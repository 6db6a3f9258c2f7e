import * as z from 'zod';
import { readAssembly } from '../../../lib/local/template/assembly.ts';
import {
  ACCOUNT,
  type Identity,
  identify,
  nameProperty,
  REGION,
} from '../../../lib/local/template/identity.ts';
import { resolveIntrinsics } from '../../../lib/local/template/intrinsics.ts';
import { scopeOf } from '../../../lib/local/template/scope.ts';

/** A logical id without what CDK appends to it. */
export const nameOf = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/** What CloudWatch is asked for: values of exactly these dimensions, summed up as `statistic` says. */
export interface DeclaredMetric {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

export interface DeclaredAlarm {
  readonly name: string;
  /** Of RUNBOOK.md. */
  readonly heading: string;
  readonly rings: 'at or above' | 'below';
  readonly threshold: number;
  /** Whether it rings where there is no data. */
  readonly ringsWithoutData: boolean;
  readonly metrics: readonly DeclaredMetric[];
  /** Over the ids of the metrics; undefined: there is but one metric. */
  readonly expression: string | undefined;
}

/** A count that CloudWatch makes of the lines of a log. */
export interface DeclaredFilter {
  readonly namespace: string;
  readonly name: string;
  readonly logGroup: string;
  /** `$.status = "429"`, as its parts. */
  readonly field: string;
  readonly equals: string;
}

/** What of a template somebody watches. */
export interface Declared {
  readonly alarms: readonly DeclaredAlarm[];
  readonly filters: readonly DeclaredFilter[];
  /** The stage of the HTTP API: whose it is, and what a line of its access log says, in which group. */
  readonly stage: {
    readonly api: string;
    readonly name: string;
    readonly logGroup: string;
    readonly format: string;
  };
  readonly functions: readonly string[];
}

const dimensionsSchema = z
  .array(z.object({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((all) => Object.fromEntries(all.map(({ Name, Value }) => [Name, Value])));
const metricStatSchema = z.object({
  Id: z.string(),
  MetricStat: z.object({
    Metric: z.object({
      Namespace: z.string(),
      MetricName: z.string(),
      Dimensions: dimensionsSchema,
    }),
    Stat: z.string(),
  }),
});
const expressionSchema = z.object({ Expression: z.string(), ReturnData: z.literal(true) });
const alarmSchema = z.object({
  AlarmDescription: z.string(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensionsSchema,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Metrics: z.array(z.union([metricStatSchema, expressionSchema])).optional(),
});
const filterSchema = z.object({
  LogGroupName: z.string(),
  FilterPattern: z.string(),
  MetricTransformations: z.tuple([
    z.object({
      MetricName: z.string(),
      MetricNamespace: z.string(),
      MetricValue: z.literal('1'),
    }),
  ]),
});
const stageSchema = z.object({
  ApiId: z.string(),
  StageName: z.string(),
  AccessLogSettings: z.object({ DestinationArn: z.string(), Format: z.string() }),
});

/**
 * A rule on a bus of one's own has its bus in its ARN, and its name is the third part then. The local system has
 * no use for that part.
 */
const asOnAws = (type: string, identity: Identity): Identity =>
  type === 'AWS::Events::Rule'
    ? {
        ...identity,
        attributes: { Arn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/a-bus/${identity.name}` },
      }
    : identity;

/** Log groups are not run here, and so have no identity: they are called as in the template. */
const logGroupIn = (reference: string): string =>
  /^not-emulated:(\w+)/.exec(reference)?.[1] ?? reference;

function metricsOf(alarm: z.infer<typeof alarmSchema>): Pick<DeclaredAlarm, 'metrics'> & {
  expression: string | undefined;
} {
  if (alarm.Metrics === undefined) {
    const { Namespace: namespace = '', MetricName: name = '', Dimensions: dimensions } = alarm;
    const statistic = alarm.Statistic ?? alarm.ExtendedStatistic ?? '';
    return {
      metrics: [{ id: 'only', namespace, name, dimensions, statistic }],
      expression: undefined,
    };
  }
  return {
    metrics: alarm.Metrics.flatMap((each) =>
      'MetricStat' in each
        ? {
            id: each.Id,
            namespace: each.MetricStat.Metric.Namespace,
            name: each.MetricStat.Metric.MetricName,
            dimensions: each.MetricStat.Metric.Dimensions,
            statistic: each.MetricStat.Stat,
          }
        : [],
    ),
    expression: alarm.Metrics.flatMap((each) => ('Expression' in each ? each.Expression : []))[0],
  };
}

function readAlarm(logicalId: string, properties: unknown): DeclaredAlarm {
  const alarm = alarmSchema.parse(properties);
  return {
    name: nameOf(logicalId),
    heading: /RUNBOOK\.md#([a-z-]+)$/.exec(alarm.AlarmDescription)?.[1] ?? '',
    rings: alarm.ComparisonOperator === 'LessThanThreshold' ? 'below' : 'at or above',
    threshold: alarm.Threshold,
    ringsWithoutData: alarm.TreatMissingData === 'breaching',
    ...metricsOf(alarm),
  };
}

function readFilter(properties: unknown): DeclaredFilter {
  const { LogGroupName, FilterPattern, MetricTransformations } = filterSchema.parse(properties);
  const [, field = '', equals = ''] = /^\{ \$\.(\w+) = "(\w+)" \}$/.exec(FilterPattern) ?? [];
  const [{ MetricName: name, MetricNamespace: namespace }] = MetricTransformations;
  return { namespace, name, logGroup: logGroupIn(LogGroupName), field, equals };
}

/** Reads a `cdk.out` folder. Names in dimensions are those that things have in the local system. */
export function readDeclared(assembly: string): Declared {
  const read = readAssembly(assembly);
  const all = Object.entries(read.template.Resources);
  const addresses = { endpoint: 'http://aws', httpEndpoint: 'http://api' };
  const identities = new Map(
    all.flatMap(([id, { Type, Properties }]) => {
      const named = Properties[nameProperty(Type) ?? ''];
      const name = typeof named === 'string' ? named : undefined;
      const known = identify(Type, id, name, addresses);
      return known ? [[id, asOnAws(Type, known)] as const] : [];
    }),
  );
  const scope = scopeOf(read, identities);
  const of = (type: string) =>
    all
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => [id, resolveIntrinsics(Properties, scope)] as const);
  const [stage] = of('AWS::ApiGatewayV2::Stage').map(([, properties]) =>
    stageSchema.parse(properties),
  );
  if (!stage) throw new Error('The template has no HTTP API');
  return {
    alarms: of('AWS::CloudWatch::Alarm').map(([id, properties]) => readAlarm(id, properties)),
    filters: of('AWS::Logs::MetricFilter').map(([, properties]) => readFilter(properties)),
    stage: {
      api: stage.ApiId,
      name: stage.StageName,
      logGroup: logGroupIn(stage.AccessLogSettings.DestinationArn),
      format: stage.AccessLogSettings.Format,
    },
    functions: of('AWS::Lambda::Function').map(([id]) => id),
  };
}
