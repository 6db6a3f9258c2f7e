import { Duration } from 'aws-cdk-lib';
import {
  Color,
  Dashboard,
  GraphWidget,
  type HorizontalAnnotation,
  type IMetric,
  PeriodOverride,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { countOf, measureOf } from './alarm.ts';
import type { NodeFunction } from './node-function.ts';

const PERIOD = Duration.minutes(5);

export interface PipelineDashboardProps {
  /** In the order a call passes them. */
  readonly functions: readonly NodeFunction[];
  readonly queues: Readonly<Record<string, IQueue>>;
  readonly dispatch: NodeFunction;
  readonly publish: NodeFunction;
  /** What the alarm on freshness calls too late. */
  readonly staleAfter: Duration;
}

/** One page. Its first row answers: how fresh is what we tell, is it running, does anything fail? */
export function pipelineDashboard(
  scope: Construct,
  id: string,
  { functions, queues, dispatch, publish, staleAfter }: PipelineDashboardProps,
): Dashboard {
  const graph = (
    title: string,
    metrics: readonly IMetric[],
    { width = 12, lines = [] }: { width?: number; lines?: HorizontalAnnotation[] } = {},
  ) =>
    new GraphWidget({
      title,
      left: [...metrics],
      width,
      leftYAxis: { min: 0 },
      leftAnnotations: lines,
    });
  const third = { width: 8 };
  const ofFunctions = (metric: (fn: NodeFunction) => IMetric) => functions.map(metric);
  const ofQueues = (metric: (queue: IQueue, label: string) => IMetric) =>
    Object.entries(queues).map(([label, queue]) => metric(queue, label));
  const shares = (measure: Parameters<typeof measureOf>[0]) => [
    measureOf(measure, 'p50', 'half of them within'),
    measureOf(measure, 'p90', 'nine in ten within'),
  ];

  return new Dashboard(scope, id, {
    periodOverride: PeriodOverride.AUTO,
    defaultInterval: Duration.hours(12),
    widgets: [
      [
        graph('How fresh: from the end of a call to its record (ms)', shares('FreshnessLag'), {
          ...third,
          lines: [{ value: staleAfter.toMilliseconds(), label: 'too late', color: Color.RED }],
        }),
        graph(
          'Is it running: dispatches, polls, requests',
          [
            dispatch.metricInvocations({ period: PERIOD, label: 'dispatches' }),
            countOf('Polls').with({ label: 'polls' }),
            countOf('Requests').with({ label: 'requests to providers' }),
          ],
          third,
        ),
        graph(
          'Does anything fail: connections, destinations, parked deliveries, records',
          [
            countOf('ConnectionsFailing').with({ label: 'failing connections, each minute' }),
            countOf('DestinationsFailing').with({ label: 'failing destinations' }),
            countOf('DeliveriesParked').with({ label: 'deliveries that wait for a person' }),
            countOf('RecordsQuarantined').with({ label: 'records that cannot be read' }),
          ],
          third,
        ),
      ],
      [
        graph('From the record to its delivery (ms)', shares('DeliveryAge')),
        graph(
          'Errors',
          ofFunctions((fn) => fn.metricErrors({ period: PERIOD, label: fn.bundle.name })),
        ),
      ],
      [
        graph(
          'Oldest message (s)',
          ofQueues((queue, label) =>
            queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, label }),
          ),
        ),
        graph(
          'Messages waiting',
          ofQueues((queue, label) =>
            queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, label }),
          ),
        ),
      ],
      [
        graph(
          'Runs',
          ofFunctions((fn) => fn.metricInvocations({ period: PERIOD, label: fn.bundle.name })),
        ),
        graph(
          'Duration, slowest twentieth (ms)',
          ofFunctions((fn) =>
            fn.metricDuration({ period: PERIOD, statistic: 'p95', label: fn.bundle.name }),
          ),
        ),
      ],
      [
        graph('Stream not yet published (ms)', [
          publish.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }),
        ]),
        graph('Missed by polling: found by sweeps', [
          countOf('OutcomesMissed').with({ label: 'outcomes' }),
          countOf('ChangesMissed').with({ label: 'changes' }),
        ]),
      ],
    ],
  });
}
