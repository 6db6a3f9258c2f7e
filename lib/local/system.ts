import { setTimeout as delay } from 'node:timers/promises';
import { startAwsServer } from './aws-server.ts';
import { openDatabase } from './database.ts';
import { createDynamoService } from './dynamodb/dynamo-service.ts';
import { createStreamService } from './dynamodb-streams.ts';
import { compilePattern } from './event-pattern.ts';
import { createBusService } from './eventbridge.ts';
import { type HttpEntry, startHttpEntry } from './http-api.ts';
import { type AsyncInvocations, createAsyncInvocations } from './lambda/async-invocations.ts';
import { createFunctionPool, type FunctionPool, type FunctionTap } from './lambda/function-pool.ts';
import { openCheckpoints } from './mappings/checkpoints.ts';
import type { Delivery, Mapping } from './mappings/mapping.ts';
import { startQueueMapping } from './mappings/queue-mapping.ts';
import { startStreamMapping } from './mappings/stream-mapping.ts';
import { createObjectService } from './s3.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';
import { createSecretService } from './secrets.ts';
import type { BusEvent, ServiceContext, StreamRecord } from './services.ts';
import { createQueueService } from './sqs/queue-service.ts';
import type { Stores } from './stores.ts';
import type {
  LocalTemplate,
  QueueMappingDefinition,
  StreamMappingDefinition,
} from './template/declarations.ts';
import { loadTemplate } from './template.ts';

/** How long running invocations may go on after `stop`. */
const STOP_GRACE_MS = 5_000;
const DRAIN_LOOK_MS = 10;
const EXPIRY_INTERVAL_MS = 60_000;

export interface LocalSystemOptions {
  /** The `cdk.out` folder. */
  readonly assembly: string;
  /** A folder for compiled code of its functions; undefined: each worker compiles it anew. */
  readonly codeCache?: string | undefined;
  /** Path of the SQLite file that holds all state, or `:memory:`. */
  readonly dataFile: string;
  /** Where the HTTP API listens; a free port unless said otherwise. */
  readonly httpPort?: number | undefined;
  /** Values of secrets by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Further variables for all functions, on top of the template's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Trouble on purpose. `duplicateBatches`: the share (0 to 1) of delivered batches delivered again. */
  readonly faults?: { readonly duplicateBatches?: number };
  /** A listener that misses nothing; see `LocalSystem.on`. */
  readonly onTap?: (tap: Tap) => void;
}

/** Something that just happened, for those who watch. */
export type Tap =
  | FunctionTap
  /** A stream record, when the first mapping of its table reads it. */
  | { readonly kind: 'item'; readonly table: string; readonly record: StreamRecord }
  | {
      readonly kind: 'event';
      readonly bus: string;
      readonly event: BusEvent;
      /** Names of the rules that matched. */
      readonly matched: readonly string[];
    }
  /** A queue has got messages: sent, moved to the dead letters or made visible again. */
  | { readonly kind: 'send'; readonly queue: string };

export interface LocalSystem {
  /** Address of the embedded AWS. */
  readonly endpoint: string;
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What its records lie in, to be served when it does not run. */
  readonly stores: Stores;
  /** The physical name of a resource, by construct path or logical id. */
  resource(constructPathOrLogicalId: string): string;
  /** Calls `listener` with everything that happens from now on; the result ends that. */
  on(listener: (tap: Tap) => void): () => void;
  /** Invokes a function and waits for its result. @throws FunctionError */
  invoke(functionPathOrLogicalId: string, payload: unknown): Promise<unknown>;
  /** From now on schedules fire. All else runs from the start, so that it can be configured first. */
  startSchedules(): void;
  /** Schedules fire no more; all else goes on. */
  stopSchedules(): void;
  /**
   * Waits until nothing is left to do: queues empty, also of delayed messages and of those in
   * flight, streams read to their ends, nothing running.
   *
   * @param ignoreQueues paths or logical ids of queues that may stay full, such as dead letters
   */
  drain(options: {
    timeoutMs: number;
    ignoreQueues?: readonly string[];
    /** Messages that are delayed beyond the time there is, such as the end of an incident, are left. */
    leaveLater?: boolean;
  }): Promise<{ drained: boolean }>;
  /** Lets running invocations finish for a few seconds, then ends workers, server and database. */
  stop(): Promise<void>;
}

/**
 * Runs a synthesized stack on this machine: the function bundles as they would be uploaded, wired by
 * the template's own variables, queues, mappings, filters, rules and schedules, against services
 * that live in this process and keep their state in one SQLite file.
 *
 * Not emulated: permissions (everything may call everything), throttling and quotas of throughput,
 * resharding, the freezing of a function between invocations, payload limits of Lambda, networks,
 * encryption, generated secrets, access logs of the HTTP API (its throttling is). Parallel batches within a shard (`ParallelizationFactor`) run one after
 * the other. Delivery is in order and once unless `faults` say otherwise; both are luck in AWS.
 *
 * @throws Error naming the resource, when the template declares what could not be run
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const db = openDatabase(options.dataFile);
  const services = createServices({ db, now: Date.now });
  const server = await startAwsServer(services);
  services.endpoint.current = server.endpoint;
  const http = await startHttpEntry(options.httpPort).catch(async (error: unknown) => {
    await server.close();
    db.close();
    throw error;
  });
  const close = async () => {
    await Promise.all([http.close(), server.close()]);
    db.close();
  };

  try {
    const template = loadTemplate(options.assembly, server.endpoint, http.endpoint);
    provision(template, services, options.secrets ?? {});
    return run(template, services, options, { http, close });
  } catch (error) {
    await close();
    throw error;
  }
}

type Services = ReturnType<typeof createServices>;

function createServices(context: ServiceContext) {
  // Queue URLs hold the server's address, and the server needs the queues to start.
  const endpoint = { current: '' };
  const dynamo = createDynamoService(context);
  const queues = createQueueService(context, () => endpoint.current);
  const bus = createBusService(context, queues);
  const secrets = createSecretService(context);
  return {
    context,
    endpoint,
    dynamo,
    queues,
    bus,
    secrets,
    json: [dynamo, createStreamService(dynamo), queues, bus, secrets],
    objects: createObjectService(context),
  };
}

function provision(
  template: LocalTemplate,
  { dynamo, queues, bus, secrets, objects }: Services,
  values: Readonly<Record<string, string>>,
): void {
  for (const table of template.tables) dynamo.createTable(table);
  for (const queue of template.queues) queues.createQueue(queue);
  for (const name of template.buses) bus.createBus(name);
  for (const rule of template.rules) bus.createRule(rule);
  for (const name of template.buckets) objects.createBucket(name);
  for (const { name, value } of template.secrets) {
    if (value !== undefined) {
      secrets.putSecret(name, value);
    }
  }
  for (const [name, value] of Object.entries(values)) {
    secrets.putSecret(name, value);
  }
}

function run(
  template: LocalTemplate,
  services: Services,
  options: LocalSystemOptions,
  { http, close }: { http: HttpEntry; close: () => Promise<void> },
): LocalSystem {
  const { queues, dynamo, context, endpoint } = services;
  const { now } = context;
  const listeners = new Set(options.onTap ? [options.onTap] : []);
  const emit = (tap: Tap) => {
    for (const listener of listeners) {
      listener(tap);
    }
  };
  services.bus.onEvent((event, bus, matched) => emit({ kind: 'event', bus, event, matched }));
  queues.onSend((arn) => emit({ kind: 'send', queue: queueName(arn) }));

  const pool = createFunctionPool({
    functions: template.functions,
    environment: { ...options.environment, AWS_ENDPOINT_URL: endpoint.current },
    mappedConcurrency: mappedConcurrency(template.queueMappings),
    codeCache: options.codeCache,
    emit,
  });
  const invocations = createAsyncInvocations({
    pool,
    queues,
    functions: template.functions,
    policies: template.asyncPolicies,
    now,
  });
  const mappings = startMappings(template, services, pool, options, emit);
  if (template.httpApi) http.serve(template.httpApi, pool.invoke);
  let scheduler: Scheduler | undefined;

  const expiry = setInterval(() => {
    // After a long stop, what the stream holds past its 24 hours is still to be handed over first.
    if (mappings.every((mapping) => mapping.isIdle())) {
      dynamo.expire();
    }
  }, EXPIRY_INTERVAL_MS);

  return {
    endpoint: endpoint.current,
    outputs: template.outputs,
    stores: { tables: template.tables, buckets: template.buckets },
    resource: template.resource,
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    invoke: (target, payload) => pool.invoke(template.resource(target), payload),
    startSchedules: () => {
      scheduler ??= startScheduler(template.schedules, { invoke: invocations.invoke, now });
    },
    stopSchedules: () => scheduler?.stop(),
    drain: async ({ timeoutMs, ignoreQueues = [], leaveLater = false }) => {
      const ignored = new Set(ignoreQueues.map(template.resource));
      const watched = template.queues.filter(({ name }) => !ignored.has(name));
      const until = leaveLater ? now() + timeoutMs : undefined;
      const isQuiet = () =>
        isResting(pool, invocations, mappings) &&
        watched.every(({ arn }) => {
          const { visible, delayed, inFlight } = queues.depth(arn, until);
          return visible + delayed + inFlight === 0;
        });
      const giveUpAt = performance.now() + timeoutMs;
      while (!isQuiet() && performance.now() < giveUpAt) {
        await delay(DRAIN_LOOK_MS);
      }
      return { drained: isQuiet() };
    },
    stop: async () => {
      clearInterval(expiry);
      scheduler?.stop();
      invocations.stop();
      const settled = Promise.all(mappings.map((mapping) => mapping.stop()));
      await pool.stop(STOP_GRACE_MS);
      await settled;
      await close();
    },
  };
}

function startMappings(
  { queueMappings, streamMappings, functions }: LocalTemplate,
  { queues, dynamo, context }: Services,
  pool: FunctionPool,
  { faults }: LocalSystemOptions,
  emit: (tap: Tap) => void,
): Mapping[] {
  const deliveryOf = ({
    functionName,
    filters,
  }: QueueMappingDefinition | StreamMappingDefinition): Delivery => {
    const patterns = filters.map(compilePattern);
    return {
      invoke: (event) => pool.invoke(functionName, event),
      passes: (record) => patterns.length === 0 || patterns.some((matches) => matches(record)),
      repeats: () => Math.random() < (faults?.duplicateBatches ?? 0),
      now: context.now,
    };
  };
  const checkpoints = openCheckpoints(context.db);
  const watchedTables = new Set<string>();

  return [
    ...queueMappings.map((definition) =>
      startQueueMapping(definition, {
        queues,
        concurrency: Math.min(
          definition.maximumConcurrency ?? Number.POSITIVE_INFINITY,
          pool.concurrency(definition.functionName),
        ),
        delivery: deliveryOf(definition),
      }),
    ),
    ...streamMappings.map((definition) => {
      const { table, functionName } = definition;
      const isFirst = !watchedTables.has(table);
      watchedTables.add(table);
      return startStreamMapping(definition, {
        dynamo,
        queues,
        checkpoints,
        functionArn: functions.find(({ name }) => name === functionName)?.arn ?? '',
        delivery: deliveryOf(definition),
        ...(isFirst && { onRead: (record) => emit({ kind: 'item', table, record }) }),
      });
    }),
  ];
}

function isResting(
  pool: FunctionPool,
  invocations: AsyncInvocations,
  mappings: readonly Mapping[],
): boolean {
  return (
    pool.running() === 0 &&
    invocations.pending() === 0 &&
    mappings.every((mapping) => mapping.isIdle())
  );
}

/** A function read by several queues may run as often as the greediest of them allows. */
function mappedConcurrency(
  mappings: readonly QueueMappingDefinition[],
): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { functionName, maximumConcurrency } of mappings) {
    if (maximumConcurrency !== undefined) {
      most.set(functionName, Math.max(maximumConcurrency, most.get(functionName) ?? 0));
    }
  }
  return most;
}

function queueName(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
