import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { FunctionDefinition } from '../template/declarations.ts';
import { REGION } from '../template/identity.ts';
import { type ExecutionEnvironment, startEnvironment } from './environment.ts';

/** More environments than this per function only cost memory on one machine. */
const MOST_ENVIRONMENTS = 10;
const DEFAULT_ENVIRONMENTS = 5;
/**
 * How long an event waits for a busy environment before a further one is started. Lambda starts one
 * at once; here it costs 40 MB and the processor that the busy ones need, longer than most events take.
 * One at a time, because many that start together on a busy machine keep each other from being ready.
 */
const SCALE_UP_AFTER_MS = 50;

export type FunctionTap =
  | { readonly kind: 'log'; readonly function: string; readonly line: unknown }
  | {
      readonly kind: 'invoke';
      readonly function: string;
      readonly ok: boolean;
      readonly ms: number;
      readonly error?: Error;
    };

/** Runs functions by name, each in its own warm workers. */
export interface FunctionPool {
  /** Waits for a free environment, runs the handler, gives its result. @throws FunctionError */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  /** How many invocations of a function may run at once. */
  concurrency(functionName: string): number;
  /** Invocations that run or wait for an environment. */
  running(): number;
  /** Takes no more invocations, gives the running ones `graceMs`, ends all workers. */
  stop(graceMs: number): Promise<void>;
}

interface Fleet {
  readonly definition: FunctionDefinition;
  readonly limit: number;
  readonly environments: Set<ExecutionEnvironment>;
  readonly idle: ExecutionEnvironment[];
  /** In the order of their coming; each takes what is released, or looks again where that is nothing. */
  readonly waiting: ((released?: ExecutionEnvironment) => void)[];
}

/**
 * @param environment what every function sees beside its own variables and those Lambda sets
 * @param mappedConcurrency the `MaximumConcurrency` of a function's queue mappings, where declared
 * @param codeCache a folder in which compiled code is kept, so that workers start in half the time
 */
export function createFunctionPool({
  functions,
  environment,
  mappedConcurrency,
  codeCache,
  emit,
}: {
  functions: readonly FunctionDefinition[];
  environment: Readonly<Record<string, string>>;
  mappedConcurrency: ReadonlyMap<string, number>;
  codeCache?: string | undefined;
  emit: (tap: FunctionTap) => void;
}): FunctionPool {
  const fleets = new Map(
    functions.map((definition): [string, Fleet] => {
      const { name, reservedConcurrency } = definition;
      const wanted = reservedConcurrency ?? mappedConcurrency.get(name) ?? DEFAULT_ENVIRONMENTS;
      const limit = Math.min(wanted, MOST_ENVIRONMENTS);
      return [name, { definition, limit, environments: new Set(), idle: [], waiting: [] }];
    }),
  );
  let running = 0;
  let stopped = false;

  const fleetOf = (name: string): Fleet => {
    const fleet = fleets.get(name);
    if (fleet === undefined) {
      throw new Error(`There is no function ${name}`);
    }
    return fleet;
  };

  const start = ({ definition, environments }: Fleet): ExecutionEnvironment => {
    const variables = { ...lambdaVariables(definition), ...definition.environment, ...environment };
    const say = (line: string) =>
      emit({ kind: 'log', function: definition.name, line: parsed(line) });
    const started = startEnvironment(definition, variables, say, codeCache);
    environments.add(started);
    return started;
  };

  const acquire = async (fleet: Fleet): Promise<ExecutionEnvironment> => {
    const { environments, idle, limit } = fleet;
    const patientUntil = performance.now() + SCALE_UP_AFTER_MS;
    for (;;) {
      if (stopped) {
        throw new Error('The local system is stopping');
      }
      // The one used last: its code is the warmest, and the others stay as they are.
      const free = idle.pop();
      if (free?.isAlive() === true) {
        return free;
      }
      for (const member of environments) {
        if (!member.isAlive()) {
          environments.delete(member);
        }
      }
      const isStarting = [...environments].some((member) => member.isStarting());
      const leftMs = environments.size === 0 ? 0 : patientUntil - performance.now();
      const patienceMs = isStarting ? SCALE_UP_AFTER_MS : leftMs;
      const mayGrow = environments.size < limit;
      if (mayGrow && patienceMs <= 0) {
        return start(fleet);
      }
      const released = await nextFree(fleet, mayGrow ? patienceMs : undefined);
      if (released?.isAlive() === true && !stopped) {
        return released;
      }
    }
  };

  const release = (fleet: Fleet, used: ExecutionEnvironment) => {
    // Handed over, and not laid down: whoever comes at this moment would take it from one who has waited long.
    const next = fleet.waiting.shift();
    if (next) {
      next(used);
    } else if (used.isAlive()) {
      fleet.idle.push(used);
    }
  };

  return {
    invoke: async (functionName, payload) => {
      const fleet = fleetOf(functionName);
      running += 1;
      try {
        const used = await acquire(fleet);
        const startedAt = performance.now();
        const tap = (outcome: { ok: true } | { ok: false; error: Error }) =>
          emit({
            kind: 'invoke',
            function: functionName,
            ms: performance.now() - startedAt,
            ...outcome,
          });
        try {
          const result = await used.invoke(randomUUID(), payload);
          tap({ ok: true });
          return result;
        } catch (error) {
          tap({ ok: false, error: error instanceof Error ? error : new Error(String(error)) });
          throw error;
        } finally {
          release(fleet, used);
        }
      } finally {
        running -= 1;
      }
    },

    concurrency: (functionName) => fleetOf(functionName).limit,

    running: () => running,

    stop: async (graceMs) => {
      stopped = true;
      const all = [...fleets.values()];
      for (const { waiting } of all) {
        for (const wake of waiting.splice(0)) {
          wake();
        }
      }
      const giveUpAt = performance.now() + graceMs;
      while (running > 0 && performance.now() < giveUpAt) {
        await delay(5);
      }
      await Promise.all(all.flatMap(({ environments }) => [...environments].map((e) => e.end())));
    },
  };
}

/** The environment that is released next, for whoever waits longest; undefined after `ms`, if given. */
function nextFree(
  { waiting }: Fleet,
  ms: number | undefined,
): Promise<ExecutionEnvironment | undefined> {
  return new Promise((resolve) => {
    const wake = (released?: ExecutionEnvironment) => {
      clearTimeout(timer);
      resolve(released);
    };
    const giveUp = () => {
      waiting.splice(waiting.indexOf(wake), 1);
      resolve(undefined);
    };
    const timer = ms === undefined ? undefined : setTimeout(giveUp, ms);
    waiting.push(wake);
  });
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function lambdaVariables({ name, memoryMb, folder, handler, logFormat }: FunctionDefinition) {
  return {
    _HANDLER: handler,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_FORMAT: logFormat,
    AWS_REGION: REGION,
    AWS_SECRET_ACCESS_KEY: 'local',
    LAMBDA_TASK_ROOT: folder,
    TZ: ':UTC',
    // Lambda has no such files either; the SDK must not find the ones of whoever runs this.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}

function parsed(line: string): unknown {
  if (!line.startsWith('{')) {
    return line;
  }
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
