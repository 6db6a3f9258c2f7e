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
 * @param taken by this process itself, which runs nothing on it
 * @throws UserError when there is none there
 */
export async function locateStores(place: Place, { taken = false } = {}): Promise<Stores> {
  if (place.stack !== undefined) return storesOf('aws', {}, stackOutput(place.stack));
  if (!taken && isTaken(place.data)) {
    const { endpoint, ...outputs } = attachedSystem(place.data);
    return storesOf('running', localAws(endpoint), async (name) => outputs[name]);
  }
  if (!existsSync(dataFile(place.data)) || !existsSync(storesFile(place.data)))
    throw nothingThere(place.data);
  const { outputs, stores } = keptSchema.parse(
    JSON.parse(readFileSync(storesFile(place.data), 'utf8')),
  );
  const served = await serveStores(dataFile(place.data), stores);
  const located = storesOf('at rest', localAws(served.endpoint), async (name) => outputs[name]);
  return {
    ...located,
    close: async () => {
      await located.close();
      await served.close();
    },
  };
}

/**
 * The same under the configuration as it is now: at rest the file's is applied, as by somebody who starts
 * there, and nobody can start until it is closed; elsewhere it is what was applied.
 */
export async function locateConfiguredStores({ config, ...place }: Where): Promise<Stores> {
  if (!placeAtRest(place)) return locateStores(place);
  const { source } = readConfigFile(config);
  const folder = takeDataFolder(place.data);
  try {
    const stores = await locateStores(place, { taken: true });
    const close = async () => {
      await stores.close();
      folder.release();
    };
    try {
      await applyConfig(stores.tables, await stores.output('ControlTableName'), source);
      return { ...stores, close };
    } catch (error) {
      await stores.close();
      throw error;
    }
  } catch (error) {
    folder.release();
    throw error;
  }
}

/**
 * A system to be told something: a deployment, the one that is running on a data folder, or else one that is
 * started there for as long as this process lives, without hot polling.
 *
 * @throws UserError when there is none there, or the configuration cannot be read
 */
export async function locateSystem({ config: file, ...place }: Where): Promise<System> {
  const { stack, data } = place;
  if (stack !== undefined) {
    const output = stackOutput(stack);
    return systemOf(await locateStores(place), {}, awsBus(await output('BusName')));
  }
  if (isTaken(data)) {
    const { endpoint, BusName } = attachedSystem(data);
    const events = new EventBridgeClient(localAws(endpoint));
    const system = systemOf(
      await locateStores(place),
      localAws(endpoint),
      eventBridge(events, BusName, wait),
    );
    return {
      ...system,
      close: async () => {
        events.destroy();
        await system.close();
      },
    };
  }
  const config = readConfigFile(file);
  if (!existsSync(dataFile(data))) throw nothingThere(data);
  const session = await startSession({
    config,
    dataFolder: data,
    environment: localEnvironment(config),
    progress: (step) => console.error(`callwire: ${step} …`),
  });
  return systemOf(sessionStores(session), localAws(session.endpoint), session.bus, session);
}

/** What a system in this process keeps. */
export const sessionStores = ({ endpoint, outputs }: Session): Stores =>
  storesOf('running', localAws(endpoint), async (name) => outputs[name]);

/**
 * Works with what is located, and closes it however that ends.
 *
 * @throws UserError instead of an error of AWS that the user can mend
 */
export async function withLocated<S extends Stores, T>(
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

const stackOutput =
  (stack: string): Stores['output'] =>
  (name) =>
    outputOf(stack, name);

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

function systemOf(stores: Stores, aws: Aws, bus: EventBus, session?: Session): System {
  const queues = new SQSClient({ ...CLIENT_OPTIONS, ...aws });
  return {
    ...{ ...stores, queues, bus, session },
    close: async () => {
      queues.destroy();
      await stores.close();
      await session?.close();
    },
  };
}
