import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalSystemOptions, startLocalSystem, type Tap } from '../../lib/local/system.ts';
import {
  arnOf,
  functionResource,
  ROLE,
  type Stack,
  temporaryFolder,
  writeAssembly,
} from './cdk-out.ts';

/** What the bundles call the embedded AWS with; the real ones use the SDK and the same protocol. */
const AWS = `
  const aws = async (target, input) => {
    const response = await fetch(process.env.AWS_ENDPOINT_URL, {
      method: 'POST',
      headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };`;

/** Schedule → dispatch → table → stream → publish → bus → rule → queue → deliver, and dead letters. */
const STACK: Stack = {
  bundles: {
    dispatch: `${AWS}
      export const handler = ({ scheduledAt }) => aws('DynamoDB_20120810.PutItem', {
        TableName: process.env.CALLS_TABLE,
        Item: { pk: { S: 'call' }, at: { S: scheduledAt } },
      });`,
    publish: `${AWS}
      export const handler = async ({ Records }) => aws('AWSEvents.PutEvents', {
        Entries: Records.map(({ dynamodb }) => ({
          EventBusName: process.env.BUS_NAME, Source: 'callwire', DetailType: 'call.completed',
          Detail: JSON.stringify({ at: dynamodb.NewImage.at.S }),
        })),
      });`,
    deliver: `
      export const handler = async ({ Records }) => {
        for (const { body } of Records) {
          const { detail } = JSON.parse(body);
          if (detail.at === 'poison') throw new Error('cannot deliver');
          console.log(JSON.stringify({ delivered: detail.at }));
        }
      };`,
  },
  resources: {
    Role: ROLE,
    Calls: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'callwire' } },
    Dead: { Type: 'AWS::SQS::Queue' },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 1,
        RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 1 },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { 'detail-type': ['call.completed'] },
        Targets: [{ Id: 'Work', Arn: arnOf('Work') }],
      },
    },
    Dispatch: functionResource('dispatch', {
      Environment: { Variables: { CALLS_TABLE: { Ref: 'Calls' } } },
    }),
    Publish: functionResource('publish', {
      Environment: { Variables: { BUS_NAME: { Ref: 'Bus' } } },
    }),
    Deliver: functionResource('deliver'),
    FromStream: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Calls', 'StreamArn'] },
        FunctionName: { Ref: 'Publish' },
        StartingPosition: 'TRIM_HORIZON',
      },
    },
    FromWork: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: arnOf('Work'), FunctionName: { Ref: 'Deliver' } },
    },
    EveryMinute: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: arnOf('Dispatch'),
          RoleArn: arnOf('Role'),
          Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}',
        },
      },
    },
  },
  outputs: { Table: { Value: { Ref: 'Calls' } } },
};

/** The stack with one resource left out. */
function without(logicalId: string): Stack {
  const { [logicalId]: _left, ...resources } = STACK.resources;
  return { ...STACK, resources };
}

async function started(stack: Stack, options: Partial<LocalSystemOptions> = {}) {
  const taps: Tap[] = [];
  const system = await startLocalSystem({
    assembly: writeAssembly(stack),
    dataFile: ':memory:',
    onTap: (tap) => taps.push(tap),
    ...options,
  });
  system.startSchedules();
  let stopped = false;
  const stop = async () => {
    if (!stopped) {
      stopped = true;
      await system.stop();
    }
  };
  onTestFinished(stop);
  const delivered = () =>
    taps.flatMap((tap): unknown[] => (tap.kind === 'log' ? [Object(tap.line).delivered] : []));
  return { ...system, stop, taps, delivered };
}

describe('the local system', () => {
  it('carries a call from the schedule to its delivery through the wiring of the template', async () => {
    const { delivered, drain, taps, outputs } = await started(STACK);

    expect(await drain({ timeoutMs: 5_000 })).toEqual({ drained: true });
    await expect.poll(delivered).toEqual([expect.stringMatching(/^\d{4}-.*Z$/)]);

    expect(outputs).toEqual({ Table: 'Calls' });
    expect(taps).toContainEqual(expect.objectContaining({ kind: 'item', table: 'Calls' }));
    expect(taps).toContainEqual(
      expect.objectContaining({ kind: 'event', bus: 'callwire', matched: ['Rule'] }),
    );
    expect(taps).toContainEqual({ kind: 'send', queue: 'Work' });
  });

  it('takes milliseconds from a written item to the event of its mapped function', async () => {
    const { endpoint, on, drain } = await started(without('EveryMinute'));
    const write = async (at: string) => {
      const Item = { pk: { S: 'call' }, at: { S: at } };
      await aws(endpoint, 'DynamoDB_20120810.PutItem', { TableName: 'Calls', Item });
    };
    await write('first, which starts the workers');
    await drain({ timeoutMs: 5_000 });

    const before = performance.now();
    const announced = new Promise<number>((resolve) => {
      on(({ kind }) => kind === 'event' && resolve(performance.now() - before));
    });
    await write('second');

    // Usually about five; the limit leaves room for a busy machine, and none for polling.
    expect(await announced).toBeLessThan(100);
  });

  it.each([
    ['rule', without('Rule')],
    ['mapping', without('FromWork')],
  ])('delivers nothing when the template lacks the %s', async (_what, stack) => {
    const { drain, taps } = await started(stack);

    await drain({ timeoutMs: 2_000, ignoreQueues: ['Work'] });

    const ran = taps.flatMap((tap) => (tap.kind === 'invoke' ? [tap.function] : []));
    expect(ran).toEqual(['Dispatch', 'Publish']);
  });

  it('lets a function fail for a variable that the template lacks', async () => {
    const { invoke } = await started({
      ...without('EveryMinute'),
      resources: { ...without('EveryMinute').resources, Dispatch: functionResource('dispatch') },
    });

    await expect(invoke('Dispatch', { scheduledAt: 'now' })).rejects.toThrow(/TableName/i);
  });

  it('moves what cannot be delivered to the dead letters, and drains around them', async () => {
    const { invoke, drain, endpoint, resource } = await started(without('EveryMinute'));
    await invoke('Dispatch', { scheduledAt: 'poison' });

    expect(await drain({ timeoutMs: 200, ignoreQueues: ['Dead'] })).toEqual({ drained: false });
    expect(await drain({ timeoutMs: 5_000, ignoreQueues: ['Dead'] })).toEqual({ drained: true });
    expect(await messagesIn(`${endpoint}/000000000000/${resource('Dead')}`)).toBe(1);
  });

  it('does not call itself drained while a delayed message is waiting', async () => {
    const { endpoint, drain, delivered } = await started(without('EveryMinute'));
    const send = { QueueUrl: `${endpoint}/0/Work`, MessageBody: '{"detail":{"at":"late"}}' };
    await aws(endpoint, 'AmazonSQS.SendMessage', { ...send, DelaySeconds: 1 });

    expect(await drain({ timeoutMs: 100 })).toEqual({ drained: false });
    expect(await drain({ timeoutMs: 5_000 })).toEqual({ drained: true });
    await expect.poll(delivered).toEqual(['late']);
  });

  it('goes on after a stop where it was: nothing is lost, nothing is repeated', async () => {
    const dataFile = join(temporaryFolder(), 'data.sqlite');
    const first = await started(without('FromWork'), { dataFile });
    await first.drain({ timeoutMs: 5_000, ignoreQueues: ['Work'] });
    await first.stop();

    const second = await started(without('EveryMinute'), { dataFile });
    await second.drain({ timeoutMs: 5_000 });

    await expect.poll(second.delivered).toHaveLength(1);
    expect(second.taps.filter(({ kind }) => kind === 'item')).toEqual([]);
  });

  it('delivers batches twice when asked for duplicates', async () => {
    const { delivered, drain } = await started(STACK, { faults: { duplicateBatches: 1 } });

    await drain({ timeoutMs: 5_000 });

    // Once more by the stream, and each of the two once more by the queue.
    await expect.poll(() => delivered().length).toBe(4);
  });

  it('closes what it had opened when the template cannot be run', async () => {
    const stack = { resources: { Flow: { Type: 'AWS::StepFunctions::StateMachine' } } };

    await expect(started(stack)).rejects.toThrow('AWS::StepFunctions::StateMachine');
  });
});

async function aws(endpoint: string, target: string, input: unknown): Promise<unknown> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': target },
    body: JSON.stringify(input),
  });
  return response.json();
}

async function messagesIn(queueUrl: string): Promise<number> {
  const { origin } = new URL(queueUrl);
  const answer = await aws(origin, 'AmazonSQS.GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: ['All'],
  });
  return Number(Object(answer).Attributes.ApproximateNumberOfMessages);
}
