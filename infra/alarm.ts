import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type Metric as CountedMetric, METRIC_NAMESPACE, type Measures } from '../lib/log.ts';

export interface ImpactAlarmProps {
  readonly metric: IMetric;
  /** What is too much, or too little. */
  readonly when: { readonly atLeast: number } | { readonly below: number };
  /** How many periods of the metric in a row. */
  readonly periods: number;
  /** One sentence: what people lose while this lasts. */
  readonly impact: string;
  /** The heading of RUNBOOK.md that says what to do. */
  readonly runbook: string;
}

/**
 * An alarm that says what it costs and what to do. Whom it tells is the stack's affair: it gives every
 * alarm the same topic.
 */
export function impactAlarm(
  scope: Construct,
  id: string,
  { metric, when, periods, impact, runbook }: ImpactAlarmProps,
): Alarm {
  const tooLittle = 'below' in when;
  return new Alarm(scope, id, {
    metric,
    threshold: tooLittle ? when.below : when.atLeast,
    evaluationPeriods: periods,
    comparisonOperator: tooLittle
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    // No data is the most there can be of too little, and none of too much.
    treatMissingData: tooLittle ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    alarmDescription: `${impact} What to do: RUNBOOK.md#${runbook}`,
  });
}

/** A count that the functions write into their logs (embedded metric format), over five minutes. */
export const countOf = (metricName: CountedMetric): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });

/** A measure that the functions write into their logs, value by value, over five minutes. */
export const measureOf = (metricName: keyof Measures, statistic: string, label?: string): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    statistic,
    period: Duration.minutes(5),
    ...(label !== undefined && { label }),
  });
