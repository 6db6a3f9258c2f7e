import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { applyConfig, withIdSchema } from '../adapters/apply-config.ts';
import { countMessages, deadLetterQueues } from '../adapters/dead-letters.ts';
import { loadPollStates } from '../adapters/dynamo-control.ts';
import { dynamoRangeJobs } from '../adapters/dynamo-ranges.ts';
import { eventBridge } from '../adapters/event-bridge.ts';
import { sendJson } from '../adapters/queues.ts';
import type { CallwireConfig } from '../config/callwire-file.ts';
import type { EventBus } from '../events/event-bus.ts';
import { DataFileError } from '../local/database.ts';
import { startLocalSystem, type Tap } from '../local/system.ts';
import type { Tick } from '../polling/tick.ts';
import { resumeBackfill } from '../ranges/backfill.ts';
import type { RangeMessage } from '../ranges/ports.ts';
import { addMs, MINUTE_MS } from '../time.ts';
import { storesFile, systemFile, takeDataFolder } from './data-folder.ts';
import { UserError } from './failure.ts';
import { synthesize } from './synthesize.ts';
import { addToTally, createTally, type Tally } from './tally.ts';
import type { Reader } from './telling.ts';

/** What the commands read of the stack's outputs. */
export const outputsSchema = z.object({
  CallsTableName: z.string(),
  ControlTableName: z.string(),
  DeliveriesTableName: z.string(),
  RawBucketName: z.string(),
  BusName: z.string(),
  PollQueueUrl: z.string(),
  SweepQueueUrl: z.string(),
  WebhookUrl: z.string(),
  Deployment: z.string(),
  /** JSON: kind of destination → address of its queue. */
  DeliverQueueUrls: z.string(),
});
export type Outputs = z.infer<typeof outputsSchema>;

/** A running local system, with everything that was seen of it so far. */
export interface Session {
  readonly tally: Tally;
  readonly outputs: Outputs;
  /** Address of the embedded AWS. */
  readonly endpoint: string;
  /** Reads the tables of the embedded store. */
  readonly tables: DynamoDBDocumentClient;
  readonly bus: EventBus;
  /** From now on connections are polled. */
  startPolling(): Promise<void>;
  /** Polls no more, and forgets the polls that were still to come. */
  stopPolling(): Promise<void>;
  /** Lets everything that is under way arrive. False: something is still waiting after `timeoutMs`. */
  drain(timeoutMs: number): Promise<boolean>;
  /** How many messages crashed whoever read them, again and again, and wait for a person. */
  deadLetters(): Promise<number>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly config: CallwireConfig;
  /** Where data is kept; undefined: nowhere, it is gone with the session. */
  readonly dataFolder: string | undefined;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables that `env:` references name. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress: (step: string) => void;
  /** Where webhooks of providers are taken; undefined: any free port. */
  readonly port?: number | undefined;
  /** Who reads at the destinations; undefined: nobody who could be asked. */
  readonly reader?: Reader | undefined;
  /** Is shown everything that happens, as it is. */
  readonly onTap?: ((tap: Tap) => void) | undefined;
}

/** What a client of the embedded AWS needs besides its address. */
export const LOCAL_AWS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * Synthesizes the stack that deploys, starts it on this machine and gives it the configuration.
 *
 * @throws UserError when the data folder cannot be had
 */
export async function startSession(options: SessionOptions): Promise<Session> {
  const { config, dataFolder, secrets = {}, environment = {}, progress } = options;
  const { port, reader, onTap } = options;
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const data = dataFolder === undefined ? undefined : takeDataFolder(dataFolder);
    if (data) undo.push(data.release);
    const stack = await synthesize(() => progress('synthesizing the stack that deploys'));
    undo.push(stack.remove);

    progress('starting it on this machine');
    const tally = createTally(reader);
    const system = await startLocalSystem({
      assembly: stack.assembly,
      codeCache: stack.codeCache,
      dataFile: data?.file ?? ':memory:',
      httpPort: port,
      secrets,
      environment: { ...environment, LOG_LEVEL: 'debug' },
      onTap: (tap) => {
        addToTally(tally, tap, Date.now());
        onTap?.(tap);
      },
    }).catch((error: unknown) => {
      throw error instanceof DataFileError ? new UserError(error.message) : error;
    });
    undo.push(system.stop);
    const outputs = outputsSchema.parse(system.outputs);
    const aws = { ...LOCAL_AWS, endpoint: system.endpoint };
    const tables = DynamoDBDocumentClient.from(new DynamoDBClient(aws));
    const queues = new SQSClient(aws);
    const events = new EventBridgeClient(aws);
    undo.push(...[tables, queues, events].map((client) => () => client.destroy()));
    const dead = await deadLetterQueues(
      queues,
      Object.entries(system.outputs).flatMap(([name, value]) =>
        name.endsWith('QueueUrl') ? [value] : [],
      ),
    );

    progress('applying the configuration');
    await applyConfig(tables, outputs.ControlTableName, config.source);
    if (dataFolder !== undefined) {
      const where = systemFile(dataFolder);
      writeFileSync(where, JSON.stringify({ endpoint: system.endpoint, ...outputs }), {
        mode: 0o600,
      });
      undo.push(() => rmSync(where, { force: true }));
      writeFileSync(storesFile(dataFolder), JSON.stringify({ outputs, stores: system.stores }), {
        mode: 0o600,
      });
      // A message that a killed process had in hand stays hidden for half an hour.
      const jobs = dynamoRangeJobs(tables, outputs.ControlTableName);
      const send = (message: RangeMessage) => sendJson(queues, outputs.SweepQueueUrl, message);
      for (const { id } of config.connections) await resumeBackfill(id, { jobs, send });
    }
    let hasStoppedPolling = false;
    const forgetPolls = () =>
      queues.send(new PurgeQueueCommand({ QueueUrl: outputs.PollQueueUrl }));
    return {
      tally,
      outputs,
      endpoint: system.endpoint,
      tables,
      bus: eventBridge(events, outputs.BusName, wait),
      startPolling: async () => {
        system.startSchedules();
        await pollWhatIsKnown(config, { tables, queues, outputs });
      },
      stopPolling: async () => {
        system.stopSchedules();
        hasStoppedPolling = true;
        await forgetPolls();
      },
      drain: async (timeoutMs) => {
        // A sweep or a backfill goes on for as long as it takes: what is left of it is the next run's. Polls
        // that were still being asked for as polling stopped are worth nothing to anybody.
        const left = [outputs.SweepQueueUrl, ...(hasStoppedPolling ? [outputs.PollQueueUrl] : [])];
        const ignoreQueues = [...dead, ...left].map((url) => url.slice(url.lastIndexOf('/') + 1));
        const { drained } = await system.drain({ timeoutMs, ignoreQueues, leaveLater: true });
        // Whoever starts on this data next, and is not to poll, must not be made to by them.
        if (hasStoppedPolling) await forgetPolls();
        return drained;
      },
      deadLetters: () => countMessages(queues, dead),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Has the connections polled that were polled before: what was due while nobody ran is not made up for by
 * the schedule, and may be half an hour away. Those that are new are due anyway.
 */
async function pollWhatIsKnown(
  { source }: CallwireConfig,
  {
    tables,
    queues,
    outputs,
  }: { tables: DynamoDBDocumentClient; queues: SQSClient; outputs: Outputs },
): Promise<void> {
  const states = await loadPollStates(tables, outputs.ControlTableName);
  const now = new Date();
  for (const connection of source.connections) {
    const { id } = withIdSchema.parse(connection);
    if (!states.has(id)) continue;
    const tick: Tick = {
      dueAt: now.toISOString(),
      expiresAt: addMs(now, MINUTE_MS).toISOString(),
      connections: [connection],
    };
    await sendJson(queues, outputs.PollQueueUrl, tick, { group: id });
  }
}
