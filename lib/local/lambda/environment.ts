import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition } from '../template/declarations.ts';
import { FunctionError } from './function-error.ts';
import type { InvocationRequest, RuntimeMessage, RuntimeSettings } from './protocol.ts';

/**
 * Lambda's own limit for what happens before the first event. What takes longer is begun anew with the first event,
 * within the function's own limit; on a machine that is busy that would never end, so here it goes on for as long as both.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const INIT_TIMEOUT_MS = 10_000;

/**
 * For what lives shorter than an invocation. Node's own default lets it grow to 48 MB under load, for each
 * of some dozen environments in one process.
 */
const MAX_YOUNG_MB = 8;

/** One Lambda execution environment: a worker that takes one invocation at a time. */
export interface ExecutionEnvironment {
  /** False once the worker has ended; the next invocation then needs a new one. */
  isAlive(): boolean;
  /** True until its code is loaded. */
  isStarting(): boolean;
  /** @throws FunctionError */
  invoke(requestId: string, payload: unknown): Promise<unknown>;
  end(): Promise<void>;
}

/**
 * Starts a worker for a function. It sees `variables` and nothing of this process's environment:
 * what the template forgot must be missing here as well. Of `NODE_OPTIONS` among them Node applies
 * to a thread what can differ between threads, such as `--enable-source-maps`, and ignores the rest.
 */
export function startEnvironment(
  definition: FunctionDefinition,
  variables: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
  codeCache?: string,
): ExecutionEnvironment {
  const settings: RuntimeSettings = {
    folder: definition.folder,
    handler: definition.handler,
    functionName: definition.name,
    functionArn: definition.arn,
    memoryMb: definition.memoryMb,
    logFormat: definition.logFormat,
    logLevel: definition.logLevel,
    codeCache,
  };
  const worker = new Worker(new URL('./boot.mjs', import.meta.url), {
    workerData: settings,
    env: { ...variables },
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMb,
      maxYoungGenerationSizeMb: MAX_YOUNG_MB,
    },
    stdout: true,
    stderr: true,
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    createInterface({ input: stream }).on('line', onLine);
  }

  let isAlive = true;
  let isStarting = true;
  let isReady = false;
  let waiting: PromiseWithResolvers<RuntimeMessage> | undefined;

  const settle = (conclude: (waiting: PromiseWithResolvers<RuntimeMessage>) => void) => {
    const current = waiting;
    waiting = undefined;
    if (current !== undefined) {
      conclude(current);
    }
  };
  const fail = (errorType: string, errorMessage: string, trace: readonly string[] = []) =>
    settle(({ reject }) => reject(new FunctionError({ errorType, errorMessage, trace })));
  const end = async () => {
    isAlive = false;
    await worker.terminate();
  };

  worker.on('message', (message: RuntimeMessage) => {
    isStarting = false;
    settle(({ resolve }) => resolve(message));
  });
  worker.on('error', (error: unknown) => {
    isAlive = false;
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    fail(name, message, stack?.split('\n'));
  });
  worker.on('exit', (code) => {
    isAlive = false;
    fail('Runtime.ExitError', `Error: Runtime exited with error: exit status ${code}`);
  });

  /** The worker's next message; past the limit the worker is ended. */
  const nextMessage = async (limitMs: number): Promise<RuntimeMessage> => {
    waiting = Promise.withResolvers();
    const { promise } = waiting;
    const timer = setTimeout(() => {
      const seconds = (limitMs / 1000).toFixed(2);
      fail('Sandbox.Timedout', `Error: Task timed out after ${seconds} seconds`);
      void end();
    }, limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  };

  // Listened for at once: the worker may be ready before the first event is.
  const started = nextMessage(INIT_TIMEOUT_MS + definition.timeoutMs);
  started.catch(() => undefined);

  return {
    isAlive: () => isAlive,
    isStarting: () => isAlive && isStarting,
    invoke: async (requestId, payload) => {
      if (!isReady) {
        const message = await started;
        if (message.kind === 'broken') {
          void end();
          throw new FunctionError(message.error);
        }
        isReady = true;
      }
      const request: InvocationRequest = {
        requestId,
        event: JSON.stringify(payload),
        deadline: Date.now() + definition.timeoutMs,
      };
      worker.postMessage(request);
      const message = await nextMessage(definition.timeoutMs);
      if (message.kind === 'failed') {
        throw new FunctionError(message.error);
      }
      const result = message.kind === 'succeeded' ? message.result : undefined;
      const parsed: unknown = JSON.parse(result ?? 'null');
      return parsed;
    },
    end,
  };
}
