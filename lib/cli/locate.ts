import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { applyConfig } from '../adapters/apply-config.ts';
import { awsBus } from '../adapters/aws-bus.ts';
import { CLIENT_OPTIONS, documentClient } from '../adapters/aws-clients.ts';
import { eventBridge } from '../adapters/event-bridge.ts';
import type { EventBus } from '../events/event-bus.ts';
import { serveStores, storesSchema } from '../local/stores.ts';
import { orWithFix } from './aws-trouble.ts';
import { dataFile, isTaken, storesFile, systemFile, takeDataFolder } from './data-folder.ts';
import { outputOf } from './deployment.ts';
import { UserError } from './failure.ts';
import { readConfigFile } from './read-config.ts';
import { localEnvironment } from './secret-references.ts';
import { LOCAL_AWS, type Outputs, outputsSchema, type Session, startSession } from './session.ts';

/** Which system: a deployment, or the one on a data folder. */
export interface Place {
  readonly data: string;
  readonly stack?: string | undefined;
}

/** The same, and what the local one is to do. */
export interface Where extends Place {
  /** The configuration file. */
  readonly config: string;
}

/** What a system keeps, wherever that lies. */
export interface Stores {
  /** `running`: in another process on this machine; `at rest`: nothing runs on it. */
  readonly state: 'aws' | 'running' | 'at rest';
  readonly tables: DynamoDBDocumentClient;
  readonly objects: S3Client;
  /** One of its stack's outputs. @throws UserError when it has none of this name */
  output(name: keyof Outputs): Promise<string>;
  close(): Promise<void>;
}

/** A system that does what it is told. */
export interface System extends Stores {
  readonly queues: SQSClient;
  readonly bus: EventBus;
  /** The system itself, where it runs in this process and ends with it. */
  readonly session: Session | undefined;
}

/** True: there is data of a system, and nothing runs on it. */
export const placeAtRest = ({ stack, data }: Place): boolean =>
  stack === undefined && existsSync(storesFile(data)) && !isTaken(data);

/**
 * What a system keeps, to be looked at: starts nothing, so that nothing moves because somebody looks.
 *
 * @throws UserError when there is none there
 */
export async function locateStores({ stack, data }: Place): Promise<Stores> {
  if (stack !== undefined) return stackStores(stack);
  return isTaken(data) ? runningStores(attachedSystem(data)) : storesAtRest(data);
}

/**
 * What lies at rest, for this process alone: nobody can start on it until it is released.
 *
 * @throws UserError when somebody else has it
 */
export async function takeStores({
  data,
}: Place): Promise<{ readonly stores: Stores; release(): void }> {
  const { release } = takeDataFolder(data);
  try {
    return { stores: await storesAtRest(data), release };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * The same under the configuration as it is now: at rest the file's is applied, as by somebody who starts
 * there, and nobody can start until it is closed; elsewhere it is what was applied.
 */
export async function locateConfiguredStores({ config, ...place }: Where): Promise<Stores> {
  if (!placeAtRest(place)) return locateStores(place);
  const { source } = readConfigFile(config);
  const { stores, release } = await takeStores(place);
  const close = async () => {
    await stores.close();
    release();
  };
  try {
    await applyConfig(stores.tables, await stores.output('ControlTableName'), source);
    return { ...stores, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A system to be told something: a deployment, the one that is running on a data folder, or else one that is
 * started there for as long as this process lives, without hot polling.
 *
 * @throws UserError when there is none there, or the configuration cannot be read
 */
export async function locateSystem({ config: file, stack, data }: Where): Promise<System> {
  if (stack !== undefined) {
    const stores = stackStores(stack);
    return systemOf(stores, {}, awsBus(await stores.output('BusName')));
  }
  if (isTaken(data)) {
    const running = attachedSystem(data);
    const aws = localAws(running.endpoint);
    const events = new EventBridgeClient(aws);
    const bus = eventBridge(events, running.BusName, wait);
    return systemOf(runningStores(running), aws, bus, { events });
  }
  const config = readConfigFile(file);
  if (!existsSync(dataFile(data))) throw nothingThere(data);
  const session = await startSession({
    config,
    dataFolder: data,
    environment: localEnvironment(config),
    progress: (step) => console.error(`callwire: ${step} …`),
  });
  return systemOf(sessionStores(session), localAws(session.endpoint), session.bus, { session });
}

/** What a system in this process keeps. */
export const sessionStores = ({ endpoint, outputs }: Session): Stores =>
  runningStores({ endpoint, ...outputs });

/**
 * Works with what is located, and closes it however that ends.
 *
 * @throws UserError instead of an error of AWS that the user can mend
 */
export async function withLocated<S extends { close(): Promise<void> }, T>(
  locating: Promise<S>,
  work: (located: S) => Promise<T>,
): Promise<T> {
  const located = await orWithFix(locating);
  try {
    return await orWithFix(work(located));
  } finally {
    await located.close();
  }
}

const systemSchema = outputsSchema.extend({ endpoint: z.url() });

/** What is written down of the stores of a data folder. */
const keptSchema = z.object({ outputs: outputsSchema, stores: storesSchema });

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

const nothingThere = (data: string): UserError =>
  new UserError(
    `There are no records in ${data}. Name the folder of \`callwire run\` with --data, or a deployment with --stack.`,
  );

type Aws = Partial<ReturnType<typeof localAws>>;
const localAws = (endpoint: string) => ({ ...LOCAL_AWS, endpoint });

const stackStores = (stack: string): Stores => storesOf('aws', {}, (name) => outputOf(stack, name));

const runningStores = (system: z.infer<typeof systemSchema>): Stores =>
  storesOf('running', localAws(system.endpoint), async (name) => system[name]);

/** @throws UserError when there are none there */
async function storesAtRest(data: string): Promise<Stores> {
  if (!existsSync(dataFile(data)) || !existsSync(storesFile(data))) throw nothingThere(data);
  const { outputs, stores } = keptSchema.parse(JSON.parse(readFileSync(storesFile(data), 'utf8')));
  const served = await serveStores(dataFile(data), stores);
  const located = storesOf('at rest', localAws(served.endpoint), async (name) => outputs[name]);
  return {
    ...located,
    close: async () => {
      await located.close();
      await served.close();
    },
  };
}

/** @param aws where, and with what; nothing: as the environment says */
function storesOf(state: Stores['state'], aws: Aws, output: Stores['output']): Stores {
  const tables = documentClient(aws);
  const objects = new S3Client({ ...CLIENT_OPTIONS, ...aws, forcePathStyle: true });
  return {
    ...{ state, tables, objects, output },
    close: async () => {
      tables.destroy();
      objects.destroy();
    },
  };
}

/** With what is closed with it. */
function systemOf(
  stores: Stores,
  aws: Aws,
  bus: EventBus,
  { events, session }: { events?: EventBridgeClient; session?: Session } = {},
): System {
  const queues = new SQSClient({ ...CLIENT_OPTIONS, ...aws });
  return {
    ...{ ...stores, queues, bus, session },
    close: async () => {
      queues.destroy();
      events?.destroy();
      await stores.close();
      await session?.close();
    },
  };
}
