import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { logAsJson } from './json-console.ts';
import type {
  ErrorReport,
  InvocationRequest,
  RuntimeMessage,
  RuntimeSettings,
} from './protocol.ts';

/*
 * The inside of one execution environment: runs in a worker thread, imports the bundle once, and
 * calls its handler for one event at a time.
 */

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (port === null) {
  throw new Error('The runtime is the entry of a worker thread');
}
// What `startEnvironment` passes.
const settings = workerData as RuntimeSettings;

let requestId = '';
if (settings.logFormat === 'JSON') {
  logAsJson(settings.logLevel, () => requestId);
}

try {
  const handler = await loadHandler();
  port.on('message', (request: InvocationRequest) => void answer(handler, request));
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'broken', error: report(error) });
}

async function loadHandler(): Promise<Handler> {
  const dot = settings.handler.lastIndexOf('.');
  const [file, exported] = [settings.handler.slice(0, dot), settings.handler.slice(dot + 1)];
  const path = ['.mjs', '.js', '.cjs']
    .map((extension) => join(settings.folder, `${file}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  }
  const bundle: unknown = await import(pathToFileURL(path).href);
  const handler: unknown = Object(bundle)[exported];
  if (!isHandler(handler)) {
    throw named(
      'Runtime.HandlerNotFound',
      `${settings.handler} is undefined or not exported as a function`,
    );
  }
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

async function answer(handler: Handler, request: InvocationRequest): Promise<void> {
  requestId = request.requestId;
  try {
    const result = await handler(JSON.parse(request.event), contextOf(request));
    say({ kind: 'succeeded', result: JSON.stringify(result) });
  } catch (error) {
    say({ kind: 'failed', error: report(error) });
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId: awsRequestId, deadline }: InvocationRequest) {
  return {
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    awsRequestId,
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function report(error: unknown): ErrorReport {
  return error instanceof Error
    ? {
        errorType: error.name,
        errorMessage: error.message,
        trace: error.stack?.split('\n') ?? [],
      }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function say(message: RuntimeMessage): void {
  port?.postMessage(message);
}
