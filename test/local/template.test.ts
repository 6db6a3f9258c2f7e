// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub.
import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../lib/local/template.ts';
import { arnOf, functionResource, ROLE, type Stack, writeAssembly } from './cdk-out.ts';

const ENDPOINT = 'http://127.0.0.1:1234';
const load = (stack: Stack) => loadTemplate(writeAssembly(stack), ENDPOINT);

const QUEUE = { Type: 'AWS::SQS::Queue' };

describe('the intrinsic functions', () => {
  const resolved = (value: unknown, stack: Partial<Stack> = {}) =>
    load({
      ...stack,
      resources: { Queue: QUEUE, Role: ROLE, ...stack.resources },
      outputs: { Value: { Value: value } },
    }).outputs.Value;

  it.each([
    ['a queue by its URL', { Ref: 'Queue' }, `${ENDPOINT}/000000000000/Queue`],
    ['an attribute', arnOf('Queue'), 'arn:aws:sqs:us-east-1:000000000000:Queue'],
    ['a dotted attribute', { 'Fn::GetAtt': 'Queue.QueueName' }, 'Queue'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::StackName' }]] }, 'a-Test'],
    [
      'the fifth part of an ARN',
      { 'Fn::Select': [5, { 'Fn::Split': [':', arnOf('Queue')] }] },
      'Queue',
    ],
    ['a substitution', { 'Fn::Sub': '${Queue.QueueName}@${AWS::Region}' }, 'Queue@us-east-1'],
    ['a substitution of its own', { 'Fn::Sub': ['${a}${!b}', { a: 1 }] }, '1${b}'],
  ])('resolve %s', (_what, value, expected) => {
    expect(resolved(value)).toBe(expected);
  });

  it('choose by condition, and leave out a resource whose condition is false', () => {
    const conditions = {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      There: { 'Fn::Equals': ['a', 'b'] },
    };

    const { queues, outputs } = load({
      conditions,
      resources: { Kept: { ...QUEUE, Condition: 'Here' }, Gone: { ...QUEUE, Condition: 'There' } },
      outputs: { Which: { Value: { 'Fn::If': ['There', 'there', 'here'] } } },
    });

    expect(queues.map(({ name }) => name)).toEqual(['Kept']);
    expect(outputs.Which).toBe('here');
  });

  it('refuse a function they do not know', () => {
    expect(() => resolved({ 'Fn::FindInMap': ['a', 'b', 'c'] })).toThrow('Fn::FindInMap');
  });

  it('refuse a reference to what the template does not have', () => {
    expect(() => resolved({ Ref: 'Absent' })).toThrow(/output Value.*refers to Absent/);
  });
});

describe('loading a template', () => {
  it('reads tables with their indexes, stream and expiry', () => {
    const { tables } = load({
      resources: {
        Calls: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: {
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
            Replicas: [{ Region: { Ref: 'AWS::Region' } }],
            GlobalSecondaryIndexes: [
              {
                IndexName: 'byDay',
                KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
                Projection: { ProjectionType: 'KEYS_ONLY' },
              },
            ],
            StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
            TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          },
        },
      },
    });

    expect(tables).toMatchObject([
      {
        name: 'Calls',
        streamView: 'NEW_AND_OLD_IMAGES',
        ttlAttribute: 'expiresAt',
        indexes: [{ name: 'byDay', projection: { ProjectionType: 'KEYS_ONLY' } }],
      },
    ]);
  });

  it('finds resources by logical id and by construct path', () => {
    const { resource } = load({
      resources: {
        Q1: QUEUE,
        Q2: { ...QUEUE, Metadata: { 'aws:cdk:path': 'Test/Polling/Other/Resource' } },
      },
      paths: { 'Test/Polling/Queue/Resource': 'Q1' },
    });

    expect(resource('Q1')).toBe('Q1');
    expect(resource('Test/Polling/Queue')).toBe('Q1');
    expect(resource('Polling/Other')).toBe('Q2');
    expect(() => resource('Polling/Nothing')).toThrow('Polling/Nothing');
  });

  it('refuses a type it does not know, instead of leaving it out', () => {
    expect(() =>
      load({ resources: { Flow: { Type: 'AWS::StepFunctions::StateMachine' } } }),
    ).toThrow(/Flow.*AWS::StepFunctions::StateMachine/);
  });

  it('refuses a property it would not act on, and names it', () => {
    const Properties = { FifoQueue: true };

    expect(() => load({ resources: { Ordered: { ...QUEUE, Properties } } })).toThrow(
      /Ordered \(AWS::SQS::Queue\).*FifoQueue/s,
    );
  });

  it('refuses a dead-letter queue that is not in the template', () => {
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:Elsewhere';
    const Properties = { RedrivePolicy: { deadLetterTargetArn, maxReceiveCount: 3 } };

    expect(() => load({ resources: { Work: { ...QUEUE, Properties } } })).toThrow(
      /Work points at .*Elsewhere/,
    );
  });

  it('refuses a function whose bundle the assembly does not hold', () => {
    expect(() => load({ resources: { Role: ROLE, Poll: functionResource('absent') } })).toThrow(
      /Poll .*absent\.zip/,
    );
  });

  it('refuses a stream mapping on a table without a stream', () => {
    expect(() =>
      load({
        bundles: { b: '' },
        resources: {
          Role: ROLE,
          Publish: functionResource('b'),
          Calls: {
            Type: 'AWS::DynamoDB::Table',
            Properties: {
              KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
              AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            },
          },
          Mapping: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: {
              EventSourceArn: { 'Fn::GetAtt': ['Calls', 'StreamArn'] },
              FunctionName: { Ref: 'Publish' },
              StartingPosition: 'TRIM_HORIZON',
            },
          },
        },
      }),
    ).toThrow(/Mapping points at Calls/);
  });
});
