import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { applyConfig } from '../../../lib/adapters/apply-config.ts';
import { storesFile, systemFile, takeDataFolder } from '../../../lib/cli/data-folder.ts';
import { readConfigText } from '../../../lib/cli/read-config.ts';
import { LOCAL_AWS, outputsSchema } from '../../../lib/cli/session.ts';
import { startLocalSystem } from '../../../lib/local/system.ts';
import { webhookAddress } from '../../../lib/webhooks/path.ts';
import { callwire, type Ended, start } from '../../cli/callwire.ts';
import { type Declared, nameOf } from './declared-alarms.ts';
import { ENV } from './other-side.ts';
import { type Passed, ringing, type Seen } from './seen-metrics.ts';

/** A line of a function's log that is an object. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A system whose every tap is kept, and that `callwire` finds on its data. */
export interface Watched {
  readonly outputs: ReturnType<typeof outputsSchema.parse>;
  /** The alarms that ring by what was seen so far, as `ringing` says, sorted. */
  ringing(passed?: Passed): string[];
  /** What a function has logged, by its logical id without the hash. */
  logOf(name: string): readonly LogLine[];
  /** Has a function invoked, as its schedule would later. */
  call(name: string, at?: Date): Promise<unknown>;
  /** Sends a webhook to `shop`. Gives the status. */
  send(body: string, headers: Readonly<Record<string, string>>): Promise<number>;
  /** Begins something with `callwire` that nobody waits for the end of. */
  begin(...args: readonly string[]): Promise<void>;
  /** Runs `callwire` on its data. */
  callwire(...args: readonly string[]): Promise<Ended>;
  stop(): Promise<void>;
}

export interface WatchedOptions {
  readonly assembly: string;
  readonly codeCache: string | undefined;
  readonly declared: Declared;
  readonly folder: string;
  readonly config: string;
}

/**
 * Starts a system as `callwire run` does, but of any assembly, and with the level of logging that it has on AWS:
 * a metric that is only in a line for debugging is none there.
 */
export async function startWatched(options: WatchedOptions): Promise<Watched> {
  const { assembly, codeCache, declared, folder, config: yaml } = options;
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'callwire.yaml');
  writeFileSync(configFile, yaml);
  const data = takeDataFolder(folder);
  const seen: Seen[] = [];
  const statuses: number[] = [];
  const startedAt = Date.now();
  const system = await startLocalSystem({
    assembly,
    codeCache,
    dataFile: data.file,
    environment: ENV,
    onTap: (tap) => seen.push({ at: Date.now(), tap }),
  });
  const outputs = outputsSchema.parse(system.outputs);
  const { endpoint } = system;
  const tables = DynamoDBDocumentClient.from(new DynamoDBClient({ ...LOCAL_AWS, endpoint }));
  await applyConfig(tables, outputs.ControlTableName, readConfigText(yaml, configFile).source);
  writeFileSync(systemFile(folder), JSON.stringify({ endpoint, ...outputs }));
  writeFileSync(storesFile(folder), JSON.stringify({ outputs, stores: system.stores }));
  system.startSchedules();

  const idOf = (name: string): string => {
    const found = declared.functions.find((id) => nameOf(id) === name);
    if (found === undefined) throw new Error(`The stack has no function ${name}`);
    return found;
  };
  return {
    outputs,
    ringing: (passed = {}) =>
      ringing({ declared, seen, statuses, dataFile: data.file, startedAt, passed }),
    logOf: (name) => {
      const id = idOf(name);
      return seen.flatMap(({ tap }) =>
        tap.kind === 'log' && tap.function === id && typeof tap.line === 'object'
          ? [Object(tap.line) as LogLine]
          : [],
      );
    },
    call: (name, at = new Date()) => system.invoke(idOf(name), { scheduledAt: at.toISOString() }),
    send: async (body, headers) => {
      const to = webhookAddress(outputs.WebhookUrl, outputs.Deployment, 'shop');
      const given = { 'content-type': 'application/json', ...headers };
      const { status } = await fetch(to, { method: 'POST', body, headers: given });
      statuses.push(status);
      return status;
    },
    begin: async (...args) => {
      const begun = start([...args, '--data', folder], { env: ENV, cwd: folder });
      begun.child.stdin?.end();
      // It says how far it is as soon as it has begun.
      await begun.said(/slice/);
      begun.child.kill('SIGKILL');
      await begun.ended;
    },
    callwire: (...args) => callwire([...args, '--data', folder], { env: ENV, cwd: folder }),
    stop: async () => {
      tables.destroy();
      await system.stop();
      data.release();
      rmSync(systemFile(folder), { force: true });
    },
  };
}
