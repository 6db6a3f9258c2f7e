import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SweepEnv } from '../lib/config/env.ts';
import { countOf, impactAlarm } from './alarm.ts';
import { NodeFunction } from './node-function.ts';
import { deadLetters, visibilityFor, workQueue } from './queue.ts';

/** A page of a hundred calls, each with its detail, at one request every two seconds. */
const TIMEOUT = Duration.minutes(5);

/** How long what it failed on waits. */
const AGAIN_AFTER = visibilityFor(TIMEOUT);

/** Sweeps and backfills have time; polls, which have none, are not to wait for a place behind them. */
const WORKERS = 10;

export interface SweepingProps {
  readonly calls: ITable;
  readonly control: ITable;
  readonly deliveries: ITable;
  readonly rawRecords: IBucket;
}

/**
 * What reads lists over a range of time, slice by slice, beside hot polling: daily and weekly sweeps, which
 * dispatch begins, and backfills, which the command line does.
 */
export class Sweeping extends Construct {
  readonly queue: Queue;
  readonly sweep: NodeFunction;

  constructor(
    scope: Construct,
    id: string,
    { calls, control, deliveries, rawRecords }: SweepingProps,
  ) {
    super(scope, id);

    this.queue = workQueue(this, 'Queue', {
      readerTimeout: TIMEOUT,
      deadLetterQueue: deadLetters(this, 'DeadLetters', {
        impact: 'A sweep or a backfill stands still: sweep crashed on it.',
        runbook: 'sweep-dead-letters',
      }),
    });
    impactAlarm(this.queue, 'Waiting', {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(5) }),
      when: { atLeast: Duration.hours(2).toSeconds() },
      periods: 1,
      impact: 'Sweeps and backfills are hours late: what hot polling missed is found that late.',
      runbook: 'sweep-queue-waiting',
    });

    this.sweep = new NodeFunction(this, 'Sweep', {
      bundle: { name: 'sweep', entry: 'sweep' },
      description: 'Reads the next slice of a sweep or a backfill and records what differs',
      timeout: TIMEOUT,
      memoryMb: 512,
      // Each slice asks for the next by a message of its own. After about sixteen rounds Lambda would take
      // that for an endless loop and drop it; a range has an end.
      // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
      recursiveLoop: RecursiveLoop.ALLOW,
      environment: {
        CALLS_TABLE: calls.tableName,
        CONTROL_TABLE: control.tableName,
        RAW_BUCKET: rawRecords.bucketName,
        SWEEP_QUEUE_URL: this.queue.queueUrl,
        DELIVERIES_TABLE: deliveries.tableName,
      } satisfies SweepEnv,
      failing: {
        impact: 'Sweeps and backfills stand still: what hot polling missed is not found.',
        runbook: 'sweep-failing',
        // What it fails on comes back that rarely, and may be the only message.
        period: AGAIN_AFTER,
      },
    });
    this.sweep.allow(
      ['dynamodb:BatchGetItem', 'dynamodb:PutItem'],
      calls.tableArn,
      control.tableArn,
    );
    // For the proof that whoever was to be told of a listed call was: routes and silences, and receipts.
    this.sweep.allow(['dynamodb:Query'], control.tableArn);
    this.sweep.allow(['dynamodb:BatchGetItem'], deliveries.tableArn);
    this.sweep.allowMatching(
      ['s3:PutObject'],
      rawRecords.arnForObjects('*'),
      'The objects do not exist yet; sweep may add to this one bucket, and not read it.',
    );
    this.sweep.allow(['sqs:SendMessage'], this.queue.queueArn);
    this.sweep.allowSecrets('providers');
    this.sweep.readsFrom(this.queue, { batchSize: 1, maxConcurrency: WORKERS });

    impactAlarm(this.sweep, 'CallsLost', {
      metric: countOf('CallsLost'),
      when: { atLeast: 1 },
      periods: 1,
      impact: 'Somebody was not told of calls that are over, and nothing will make up for it.',
      runbook: 'calls-lost',
    });
  }
}
