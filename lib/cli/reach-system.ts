import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { awsBus } from '../adapters/aws-bus.ts';
import { CLIENT_OPTIONS, documentClient } from '../adapters/aws-clients.ts';
import { dynamoPollStates, loadConfig } from '../adapters/dynamo-control.ts';
import { dynamoRangeJobs, loadConnection } from '../adapters/dynamo-ranges.ts';
import { dynamoSilences } from '../adapters/dynamo-silences.ts';
import { eventBridge } from '../adapters/event-bridge.ts';
import { sendJson } from '../adapters/queues.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { PollStateStore } from '../polling/ports.ts';
import type { RangeJobStore, RangeMessage } from '../ranges/ports.ts';
import type { SilenceStore } from '../routing/silence.ts';
import { dataFile, isTaken, systemFile } from './data-folder.ts';
import { outputOf } from './deployment.ts';
import { UserError } from './failure.ts';
import { readConfigFile } from './read-config.ts';
import { localEnvironment } from './secret-references.ts';
import { LOCAL_AWS, type Outputs, outputsSchema, type Session, startSession } from './session.ts';

/** A system whose jobs can be begun and watched, wherever it runs. */
export interface ReachedSystem {
  readonly jobs: RangeJobStore;
  readonly states: PollStateStore;
  send(message: RangeMessage): Promise<void>;
  /** A connection as the operator wrote it; undefined when there is none of this id. */
  connection(id: string): Promise<unknown>;
  /** What the operator wrote under one heading. */
  configured(heading: 'connections' | 'destinations'): Promise<readonly unknown[]>;
  readonly silences: SilenceStore;
  /** The system itself, where it runs in this process and ends with it. */
  readonly session: Session | undefined;
  close(): Promise<void>;
}

/** Where a system is, and what it says of itself. */
export interface Located {
  readonly tables: DynamoDBDocumentClient;
  readonly queues: SQSClient;
  readonly objects: S3Client;
  /** One of its stack's outputs. @throws UserError when it has none of this name */
  output(name: keyof Outputs): Promise<string>;
  bus(): Promise<EventBus>;
  readonly session: Session | undefined;
}

async function reached({ tables, queues, output, session }: Located): Promise<ReachedSystem> {
  const controlTable = await output('ControlTableName');
  const sweepQueueUrl = await output('SweepQueueUrl');
  return {
    jobs: dynamoRangeJobs(tables, controlTable),
    states: dynamoPollStates(tables, controlTable),
    send: (message) => sendJson(queues, sweepQueueUrl, message, { group: message.connection }),
    connection: (id) => loadConnection(tables, controlTable, id),
    configured: (heading) => loadConfig(tables, controlTable, heading),
    silences: dynamoSilences(tables, controlTable),
    session,
    close: async () => {
      queues.destroy();
      await session?.close();
    },
  };
}

export const locateStack = (stack: string): Located => ({
  tables: documentClient(),
  queues: new SQSClient(CLIENT_OPTIONS),
  objects: new S3Client({ ...CLIENT_OPTIONS, forcePathStyle: true }),
  output: (name) => outputOf(stack, name),
  bus: async () => awsBus(await outputOf(stack, 'BusName')),
  session: undefined,
});

/** A deployment. @throws UserError when there is no such stack */
export const reachStack = (stack: string): Promise<ReachedSystem> => reached(locateStack(stack));

const systemSchema = outputsSchema.extend({ endpoint: z.url() });

/**
 * Where the system that another process runs on this data is, and what it says of itself.
 *
 * @throws UserError when it is starting or stopping
 */
export function attachedSystem(data: string): z.infer<typeof systemSchema> {
  try {
    return systemSchema.parse(JSON.parse(readFileSync(systemFile(data), 'utf8')));
  } catch {
    throw new UserError(
      `Another callwire is at work on the data in ${data}, and is starting or stopping. Try again in a moment.`,
    );
  }
}

function attach(data: string): Located {
  const system = attachedSystem(data);
  const aws = { ...LOCAL_AWS, endpoint: system.endpoint };
  return {
    tables: DynamoDBDocumentClient.from(new DynamoDBClient(aws)),
    queues: new SQSClient(aws),
    objects: new S3Client({ ...aws, forcePathStyle: true }),
    output: async (name) => system[name],
    bus: async () => eventBridge(new EventBridgeClient(aws), system.BusName, wait),
    session: undefined,
  };
}

/**
 * The local system on a data folder: the one that is running, or else one that is started for as long as
 * this process lives, without hot polling.
 *
 * @throws UserError when there is no data there, or the configuration cannot be read
 */
export async function locateLocal(data: string, file: string): Promise<Located> {
  if (isTaken(data)) return attach(data);
  const config = readConfigFile(file);
  if (!existsSync(dataFile(data))) {
    throw new UserError(
      `There are no records in ${data}. Name the folder of \`callwire run\` with --data, or a deployment with --stack.`,
    );
  }
  const session = await startSession({
    config,
    dataFolder: data,
    environment: localEnvironment(config),
    progress: (step) => console.error(`callwire: ${step} …`),
  });
  const { tables, outputs, bus, endpoint } = session;
  const aws = { ...LOCAL_AWS, endpoint };
  return {
    tables,
    queues: new SQSClient(aws),
    objects: new S3Client({ ...aws, forcePathStyle: true }),
    output: async (name) => outputs[name],
    bus: async () => bus,
    session,
  };
}

/** The same, for jobs. */
export const reachLocal = async (data: string, file: string): Promise<ReachedSystem> =>
  reached(await locateLocal(data, file));
