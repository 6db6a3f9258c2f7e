import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { NodeFunction } from './node-function.ts';

const PERIOD = Duration.minutes(5);

export interface PipelineDashboardProps {
  /** In the order a call passes them. */
  readonly functions: readonly NodeFunction[];
  readonly queues: Readonly<Record<string, IQueue>>;
  readonly publish: NodeFunction;
}

/** One page that answers: is it running, does it fail, and how far behind is it? */
export function pipelineDashboard(
  scope: Construct,
  id: string,
  { functions, queues, publish }: PipelineDashboardProps,
): Dashboard {
  const graph = (title: string, metrics: readonly IMetric[]) =>
    new GraphWidget({ title, left: [...metrics], width: 12, leftYAxis: { min: 0 } });
  const ofFunctions = (metric: (fn: NodeFunction) => IMetric) => functions.map(metric);
  const ofQueues = (metric: (queue: IQueue, label: string) => IMetric) =>
    Object.entries(queues).map(([label, queue]) => metric(queue, label));

  return new Dashboard(scope, id, {
    periodOverride: PeriodOverride.AUTO,
    defaultInterval: Duration.hours(12),
    widgets: [
      [
        graph(
          'Runs',
          ofFunctions((fn) => fn.metricInvocations({ period: PERIOD, label: fn.bundle.name })),
        ),
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
        graph('Stream not yet published (ms)', [
          publish.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }),
        ]),
        graph(
          'Duration, slowest twentieth (ms)',
          ofFunctions((fn) =>
            fn.metricDuration({ period: PERIOD, statistic: 'p95', label: fn.bundle.name }),
          ),
        ),
      ],
    ],
  });
}
