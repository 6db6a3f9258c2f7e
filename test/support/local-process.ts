import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { applyConfig, type WrittenConfig } from '../../lib/adapters/apply-config.ts';
import { dynamoCanaries } from '../../lib/adapters/dynamo-canaries.ts';
import { canaryCall } from '../../lib/canary/canary.ts';
import { readStored } from '../../lib/cli/report.ts';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { startLocalSystem } from '../../lib/local/system.ts';

/** What the one who starts this process tells it. */
export interface LocalProcessOrder {
  readonly assembly: string;
  readonly dataFile: string;
  readonly config: WrittenConfig;
  readonly secrets: Readonly<Record<string, string>>;
  /** Further variables of all functions. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `report`: say how things stand. `finish`: poll no more, let arrive what is under way, then say it. */
export type LocalProcessCommand = 'report' | 'finish';

/** What this process answers to a command. */
export interface LocalProcessReport {
  /** Undefined when it was not told to finish. */
  readonly drained: boolean | undefined;
  readonly deliveries: readonly Delivery[];
  /** The last canary that was sent. */
  readonly canary: { readonly sentAt: string; readonly arrived: boolean } | undefined;
}

const DRAIN_MS = 20_000;

const [, , order = ''] = process.argv;
// What `crash.slow.ts` passes.
const { config, ...options } = JSON.parse(order) as LocalProcessOrder;

// Runs the whole local system, as `callwire run` does, until it is killed.
const system = await startLocalSystem(options);
const aws = {
  endpoint: system.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const tables = DynamoDBDocumentClient.from(new DynamoDBClient(aws));
const output = (name: string) => system.outputs[name] ?? '';
await applyConfig(tables, output('ControlTableName'), config);
system.startSchedules();

process.on('message', (command: LocalProcessCommand) => {
  void (command === 'finish' ? finish() : report(undefined));
});
// Nobody is left to tell.
process.once('disconnect', () => process.exit());

async function finish(): Promise<void> {
  system.stopSchedules();
  await new SQSClient(aws).send(new PurgeQueueCommand({ QueueUrl: output('PollQueueUrl') }));
  // An incident ends by a message that comes a quarter of an hour later.
  const { drained } = await system.drain({ timeoutMs: DRAIN_MS, leaveLater: true });
  await report(drained);
}

async function report(drained: boolean | undefined): Promise<void> {
  const { deliveries } = await readStored(tables, {
    CallsTableName: output('CallsTableName'),
    ControlTableName: output('ControlTableName'),
    DeliveriesTableName: output('DeliveriesTableName'),
  });
  const answer: LocalProcessReport = { drained, deliveries, canary: await lastCanary() };
  process.send?.(answer);
}

async function lastCanary(): Promise<LocalProcessReport['canary']> {
  const { load, hasArrived } = dynamoCanaries(tables, {
    calls: output('CallsTableName'),
    control: output('ControlTableName'),
    deliveries: output('DeliveriesTableName'),
  });
  const memory = await load();
  if (!memory) return undefined;
  const { sentAt } = memory;
  return { sentAt, arrived: await hasArrived(canaryCall(new Date(sentAt))) };
}
