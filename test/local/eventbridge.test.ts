import { DatabaseSync } from 'node:sqlite';
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { createBusService } from '../../lib/local/eventbridge.ts';
import type { BusService, QueueService, RuleDefinition } from '../../lib/local/services.ts';
import { createQueueService } from '../../lib/local/sqs/queue-service.ts';

const NOW = Date.parse('2026-03-01T10:00:00.123Z');
const ROUTE = arnOf('route');
const DEAD = arnOf('dead');
const ENTRY = {
  EventBusName: 'calls',
  Source: 'callwire',
  DetailType: 'call.failed',
  Detail: '{"id":"e1"}',
};

let db: DatabaseSync;
let queues: QueueService;
let buses: BusService;
let server: Awaited<ReturnType<typeof startAwsServer>>;
let client: EventBridgeClient;

beforeEach(async () => {
  db = new DatabaseSync(':memory:');
  queues = createQueueService({ db, now: () => NOW });
  for (const name of ['route', 'dead']) createQueue(name);
  buses = createBusService({ db, now: () => NOW }, queues);
  buses.createBus('calls');
  server = await startAwsServer({ json: [queues, buses] });
  client = new EventBridgeClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
  db.close();
});

describe('the event bus', () => {
  it("sends a matching event to the rule's queue, as AWS shapes it", async () => {
    buses.createRule(rule({ targets: [{ queueArn: ROUTE, groupId: 'callwire' }] }));

    const { Entries } = await put({ ...ENTRY, Resources: ['r1'] });

    const [message] = queues.receive(ROUTE, 1);
    expect(message?.attributes.MessageGroupId).toBe('callwire');
    expect(JSON.parse(message?.body ?? '')).toEqual({
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'call.failed',
      source: 'callwire',
      account: '000000000000',
      time: '2026-03-01T10:00:00Z',
      region: 'us-east-1',
      resources: ['r1'],
      detail: { id: 'e1' },
    });
  });

  it("takes the entry's own time and the bus's ARN", async () => {
    buses.createRule(rule());

    await put({
      ...ENTRY,
      EventBusName: 'arn:aws:events:us-east-1:000000000000:event-bus/calls',
      Time: new Date('2025-01-01T00:00:00Z'),
    });

    expect(received(ROUTE)).toMatchObject([{ time: '2025-01-01T00:00:00Z' }]);
  });

  it('sends nothing where no rule matches', async () => {
    buses.createRule(rule({ pattern: { 'detail-type': ['call.completed'] } }));

    await put(ENTRY);

    expect(received(ROUTE)).toEqual([]);
  });

  it('sends to every target of every rule that matches', async () => {
    buses.createRule(rule({ name: 'a', targets: [{ queueArn: ROUTE }, { queueArn: DEAD }] }));
    buses.createRule(rule({ name: 'b' }));

    await put(ENTRY);

    expect([received(ROUTE).length, received(DEAD).length]).toEqual([2, 1]);
  });

  it('replaces a rule of the same name', async () => {
    buses.createRule(rule());
    buses.createRule(rule({ pattern: { source: ['other'] } }));

    await put(ENTRY);

    expect(received(ROUTE)).toEqual([]);
  });

  it('reports success for a bus that does not exist, and loses the event', async () => {
    buses.createRule(rule());
    const heard: string[] = [];
    buses.onEvent(({ id }) => heard.push(id));

    const result = await put({ ...ENTRY, EventBusName: 'misspelt' });

    expect(result.FailedEntryCount).toBe(0);
    expect(result.Entries?.[0]?.EventId).toMatch(/^[\da-f-]{36}$/);
    expect([received(ROUTE), heard]).toEqual([[], []]);
  });

  it('tells listeners of every event on a bus that exists, with the rules that matched', async () => {
    buses.createRule(rule({ name: 'failures', pattern: { 'detail-type': ['call.failed'] } }));
    const heard: unknown[] = [];
    buses.onEvent((event, busName, matched) =>
      heard.push([event['detail-type'], busName, matched]),
    );

    await put(ENTRY, { ...ENTRY, DetailType: 'call.completed' });

    expect(heard).toEqual([
      ['call.failed', 'calls', ['failures']],
      ['call.completed', 'calls', []],
    ]);
  });

  it('refuses entries one by one, in order', async () => {
    buses.createRule(rule());

    const { FailedEntryCount, Entries } = await put(
      ENTRY,
      { ...ENTRY, Detail: 'not json' },
      { ...ENTRY, Detail: '["an array"]' },
      { ...ENTRY, Source: undefined },
      { ...ENTRY, DetailType: undefined },
      { ...ENTRY, Detail: undefined },
      { ...ENTRY, DetailType: 'x'.repeat(129) },
      { ...ENTRY, Source: 'aws.s3' },
      { ...ENTRY, DetailType: 'x'.repeat(128) },
    );

    expect(FailedEntryCount).toBe(7);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
      undefined,
    ]);
    expect(received(ROUTE)).toHaveLength(2);
  });

  it.each([0, 11])('refuses a request with %i entries', async (count) => {
    await expect(put(...Array.from({ length: count }, () => ENTRY))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('counts the size of a request as documented: up to 1 MB, 14 bytes for a time', async () => {
    const other = Buffer.byteLength('callwirecall.failed');
    const detail = (bytes: number) => `{"x":"${'y'.repeat(bytes - 8)}"}`;
    const fits = { ...ENTRY, Detail: detail(1_048_576 - other - 14), Time: new Date(NOW) };
    const exceeds = { ...fits, Detail: detail(1_048_576 - other - 13) };

    await expect(put(fits)).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(put(exceeds)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it("sends to the target's dead letters when its queue is gone, saying why", async () => {
    const gone = arnOf('gone');
    buses.createRule(rule({ targets: [{ queueArn: gone, deadLetterArn: DEAD }] }));

    await put(ENTRY);

    const [message] = queues.receive(DEAD, 1);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ detail: { id: 'e1' } });
    expect(message?.messageAttributes).toMatchObject({
      RULE_ARN: { stringValue: 'arn:aws:events:us-east-1:000000000000:rule/calls/all' },
      TARGET_ARN: { stringValue: gone },
      ERROR_CODE: { stringValue: 'NO_RESOURCE' },
      ERROR_MESSAGE: { stringValue: 'The specified queue does not exist.' },
    });
  });

  it('still succeeds, and reaches the other targets, when one has neither queue nor dead letters', async () => {
    const targets = [{ queueArn: arnOf('gone') }, { queueArn: ROUTE }];
    buses.createRule(rule({ targets }));

    await expect(put(ENTRY)).resolves.toMatchObject({ FailedEntryCount: 0 });
    expect(received(ROUTE)).toHaveLength(1);
  });

  it('sends all of a request or none of it', async () => {
    buses.createRule(rule({ targets: [{ queueArn: ROUTE }, { queueArn: 'crash' }] }));
    const send = queues.send;
    Object.assign(queues, {
      send: (...args: Parameters<typeof send>) => {
        if (args[0] === 'crash') throw new Error('The machine is gone');
        return send(...args);
      },
    });

    expect(() => buses.handle('PutEvents', { Entries: [ENTRY] })).toThrow('The machine is gone');
    expect(received(ROUTE)).toEqual([]);
  });

  it('refuses a rule with an invalid pattern, or on a bus that does not exist', () => {
    expect(() => buses.createRule(rule({ pattern: { source: 'callwire' } }))).toThrow('source');
    expect(() => buses.createRule(rule({ busName: 'none' }))).toThrow('none does not exist');
  });
});

function put(...Entries: PutEventsRequestEntry[]) {
  return client.send(new PutEventsCommand({ Entries }));
}

function received(queueArn: string): unknown[] {
  return queues.receive(queueArn, 10).map(({ body }): unknown => JSON.parse(body));
}

function rule(overrides: Partial<RuleDefinition> = {}): RuleDefinition {
  return {
    name: 'all',
    busName: 'calls',
    pattern: { source: ['callwire'] },
    targets: [{ queueArn: ROUTE }],
    ...overrides,
  };
}

function createQueue(name: string): void {
  queues.createQueue({
    name,
    arn: arnOf(name),
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    retentionSeconds: 3600,
    redrive: undefined,
  });
}

function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}
