import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { declare, removeAssemblies } from './template.ts';

afterAll(removeAssemblies);

const { resources } = declare({ alarmEmail: 'ops@example.com' });

const alarmSchema = z.object({
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
  TreatMissingData: z.string(),
  Period: z.number().optional(),
  EvaluationPeriods: z.number(),
});
const alarms = resources
  .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
  .map(({ path, properties }) => ({ path, ...alarmSchema.parse(properties) }));

const pathsOf = (type: string) =>
  resources.filter((resource) => resource.type === type).map(({ path }) => path);

/** What an alarm on this metric watches: the values of its dimensions. */
const watchedBy = (metricName: string) =>
  alarms
    .filter(({ MetricName }) => MetricName === metricName)
    .flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => Value));

const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section]),
);
const headingOf = (description: string) => /RUNBOOK\.md#([a-z-]+)$/.exec(description)?.[1];

describe('alarms', () => {
  it('all tell the same people, of trouble and of its end', () => {
    for (const { path, AlarmActions, OKActions } of alarms) {
      expect([path, AlarmActions, OKActions]).toEqual([path, ['Alarms/Topic'], ['Alarms/Topic']]);
    }
    expect(resources).toContainEqual(
      expect.objectContaining({
        type: 'AWS::SNS::Subscription',
        properties: { Protocol: 'email', Endpoint: 'ops@example.com', TopicArn: 'Alarms/Topic' },
      }),
    );
  });

  it('say in a sentence what is lost meanwhile', () => {
    for (const { path, AlarmDescription } of alarms) {
      expect(AlarmDescription, path).toMatch(/^[A-Z][^.]{20,}\. What to do: RUNBOOK\.md#/);
    }
  });

  it('each have a heading in the runbook, and each heading an alarm', () => {
    const named = new Set(alarms.map(({ AlarmDescription }) => headingOf(AlarmDescription)));

    expect([...named].toSorted()).toEqual([...sections.keys()].toSorted());
  });

  it.each([...sections])('%s is explained: means, costs, look at, do', (_heading, section) => {
    expect([...section.matchAll(/^\*\*(.+?)\*\* \S/gm)].map(([, part]) => part)).toEqual([
      'Means',
      'Costs',
      'Look at',
      'Do',
    ]);
  });
});

describe('the runbook', () => {
  const redrives = [...runbook.matchAll(/`redrive (\w+) (\w+)`/g)].map(([, from, to]) => [
    from,
    to,
  ]);
  const logicalId = (path: string) => path.replaceAll('/', '');

  it('moves the dead letters of every queue back into that queue', () => {
    const policySchema = z.object({
      RedrivePolicy: z.object({ deadLetterTargetArn: z.string() }).optional(),
    });
    const backwards = resources
      .filter(({ type }) => type === 'AWS::SQS::Queue')
      .flatMap(({ path, properties }) => {
        const dead = policySchema.parse(properties).RedrivePolicy?.deadLetterTargetArn;
        return dead ? [[logicalId(dead), logicalId(path)]] : [];
      })
      // One command stands for all kinds of destinations, which have the same queues.
      .filter(([from = '']) => !from.startsWith('Deliver') || from.startsWith('DeliverSlack'));

    expect(new Set(redrives.map(String))).toEqual(new Set(backwards.map(String)));
  });

  it('names the queue to move into, because what EventBridge put away came from no queue', () => {
    expect(/^redrive\(\) \{(.+?)\}$/ms.exec(runbook)?.[1]).toMatch(
      /--source-arn "\$\(arn "\$1"\)".*--destination-arn "\$\(arn "\$2"\)"/s,
    );
    expect([...runbook.matchAll(/`redrive\b[^`]*`/g)]).toHaveLength(redrives.length);
  });

  it('looks into logs and queues that are there', () => {
    const named = (command: string) =>
      [...runbook.matchAll(new RegExp(`\\b${command} ([A-Z]\\w+)`, 'g'))].map(
        ([, name = '']) => name,
      );
    const functions = pathsOf('AWS::Lambda::Function').map(logicalId);
    const queues = pathsOf('AWS::SQS::Queue').map(logicalId);

    expect(named('errs')).toContain('ResumingResume');
    expect(named('errs').filter((name) => !functions.includes(name))).toEqual([]);
    expect(named('peek')).toContain('DeliverSlackDeadLetters');
    expect(named('peek').filter((name) => !queues.includes(name))).toEqual([]);
  });

  it('imports only what Callwire has', async () => {
    const imports = [...runbook.matchAll(/import \{ (\w+) \} from "\.\/(lib\/[^"]+)"/g)];

    expect(imports).not.toEqual([]);
    for (const [, name = '', path = ''] of imports) {
      const { href } = new URL(`../../${path}`, import.meta.url);
      expect(await import(href)).toHaveProperty(name);
    }
  });
});

describe('what can stop without a word', () => {
  it('is every function, whose errors are watched', () => {
    expect(watchedBy('Errors').toSorted()).toEqual(pathsOf('AWS::Lambda::Function').toSorted());
  });

  it('is a function that fails on one message alone, before that message is dead', () => {
    const queueSchema = z.object({
      VisibilityTimeout: z.number(),
      RedrivePolicy: z.object({ maxReceiveCount: z.number() }),
    });
    const mappingSchema = z.object({ EventSourceArn: z.string(), FunctionName: z.string() });
    const read = resources
      .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
      .map(({ properties }) => mappingSchema.parse(properties))
      .flatMap(({ EventSourceArn, FunctionName }) => {
        const queue = resources.find(
          ({ type, path }) => type === 'AWS::SQS::Queue' && path === EventSourceArn,
        );
        const { data } = queueSchema.safeParse(queue?.properties);
        return data ? [{ name: FunctionName, ...data }] : [];
      });
    /** Whether errors that far apart, the first at this moment, are in so many periods in a row. */
    const rings = (at: number[], period: number, periods: number) => {
      const hit = new Set(at.map((second) => Math.floor(second / period)));
      return [...hit].some((first) =>
        Array.from({ length: periods }, (_, index) => first + index).every((each) => hit.has(each)),
      );
    };

    expect(read.length).toBeGreaterThan(5);
    for (const { name, VisibilityTimeout, RedrivePolicy } of read) {
      const alarm = alarms.find(({ path }) => path === `${name}/Failing`);
      const { Period = 0, EvaluationPeriods = 0 } = alarm ?? {};
      for (let first = 0; first < Period; first += 10) {
        const at = Array.from(
          { length: RedrivePolicy.maxReceiveCount },
          (_, time) => first + time * VisibilityTimeout,
        );
        expect([name, first, rings(at, Period, EvaluationPeriods)]).toEqual([name, first, true]);
      }
    }
  });

  it('is every queue, where messages may wait or die', () => {
    const watched = [
      ...watchedBy('ApproximateNumberOfMessagesVisible'),
      ...watchedBy('ApproximateAgeOfOldestMessage'),
    ].map((name) => String(name).replace('.QueueName', ''));

    expect(watched.toSorted()).toEqual(pathsOf('AWS::SQS::Queue').toSorted());
  });

  it('is what runs every minute, which is missed when nothing at all is heard of it', () => {
    const silent = alarms.find(({ path }) => path === 'Polling/Dispatch/Silent');

    expect(silent).toMatchObject({ MetricName: 'Invocations', TreatMissingData: 'breaching' });
    expect(watchedBy('Invocations')).toEqual(['Polling/Dispatch', 'Resuming/Resume']);
  });

  it('is a schedule, the stream and the rule on the bus', () => {
    expect(watchedBy('InvocationDroppedCount')).toEqual([
      'Polling/Schedules',
      'Resuming/Schedules',
      'Canary/Schedules',
      'Mending/Schedules',
    ]);
    expect(watchedBy('IteratorAge')).toEqual(['Outbox/Publish']);
    // `Ref` of a rule on a custom bus is `bus|rule`, which is the name of no metric.
    expect(watchedBy('FailedInvocations')).toEqual([
      'Bus',
      { 'Fn::Select': [2, { 'Fn::Split': ['/', 'Routing/Announcements'] }] },
    ]);
  });

  it('is every table that refuses work', () => {
    expect(
      alarms
        .filter(({ AlarmDescription }) => headingOf(AlarmDescription) === 'table-refusing')
        .map(({ path }) => path.replace(/\/Refusing$/, '')),
    ).toEqual(pathsOf('AWS::DynamoDB::Table'));
  });

  it('is what only the functions can count', () => {
    const counted = alarms.filter(({ Namespace }) => Namespace === 'Callwire');

    expect(counted.map(({ MetricName, Dimensions }) => [MetricName, Dimensions])).toEqual([
      ['CallsLost', []],
      ['ConnectionsFailing', []],
      ['RecordsQuarantined', []],
      ['WebhooksThrottled', []],
      ['WebhooksUnattributed', []],
      ['CanariesArrived', []],
      ['GapsFound', []],
      ['FreshnessLag', []],
      ['DeliveriesParked', []],
      ['DestinationsFailing', []],
    ]);
  });
});
