import { dynamoCalls } from '../adapters/dynamo-calls.ts';
import { loadConfig } from '../adapters/dynamo-control.ts';
import { loadConnection } from '../adapters/dynamo-ranges.ts';
import {
  dynamoHintWindows,
  dynamoKeptWebhooks,
  loadBaseline,
} from '../adapters/dynamo-webhooks.ts';
import { sendJson } from '../adapters/queues.ts';
import { s3RawBucket, s3ReadObject } from '../adapters/s3-raw.ts';
import { connectionSchema } from '../config/settings.ts';
import { providerById } from '../providers/index.ts';
import { pollAtOnce } from '../webhooks/poll-at-once.ts';
import type { KeptWebhook, KeptWebhooks, Target } from '../webhooks/ports.ts';
import { type RetakeDeps, retakeWebhooks } from '../webhooks/retake-webhooks.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import {
  locateStores,
  locateSystem,
  type Place,
  type Stores,
  type System,
  type Where,
  withLocated,
} from './locate.ts';
import { handleSignals } from './stopping.ts';

interface Common extends Place {
  readonly json: boolean;
}
export type ListOptions = Common & { readonly connection?: string | undefined };
export type ShowOptions = Common & { readonly connection: string; readonly id: string };
export type RetakeOptions = Where & {
  readonly json: boolean;
  readonly connection: string;
  readonly id?: string | undefined;
};

const DRAIN_MS = 60_000;

const now = (): Date => new Date();

async function keptIn({ tables, output, objects }: Stores): Promise<KeptWebhooks> {
  const [control, bucket] = [await output('ControlTableName'), await output('RawBucketName')];
  return dynamoKeptWebhooks(tables, control, s3ReadObject(bucket, objects));
}

/** @throws UserError when there is no connection of this id */
async function targetIn(
  { tables, output }: Pick<Stores, 'tables' | 'output'>,
  id: string,
): Promise<Target> {
  const written = await loadConnection(tables, await output('ControlTableName'), id);
  if (written === undefined) {
    throw new UserError(
      `There is no connection ${id} there. Write the id of one from the configuration that was applied, with --connection.`,
    );
  }
  const settings = connectionSchema.parse(written);
  return { settings, provider: providerById(settings.provider), written };
}

const unknownWebhook = (connection: string): UserError =>
  new UserError(
    `No such webhook of ${connection} is kept: npx callwire webhooks list names those that are.`,
  );

/** Lists webhooks that nobody could make out. Returns the exit status. */
export const listWebhooks = (options: ListOptions): Promise<number> =>
  withLocated(locateStores(options), async (located) => {
    const kept = await keptIn(located);
    const written = await loadConfig(
      located.tables,
      await located.output('ControlTableName'),
      'connections',
    );
    const ids =
      options.connection === undefined
        ? connectionSchema
            .array()
            .parse(written)
            .map(({ id }) => id)
        : [(await targetIn(located, options.connection)).settings.id];
    const webhooks: (KeptWebhook & { connection: string })[] = [];
    for (const connection of ids) {
      const ofOne = await kept.list(connection);
      webhooks.push(...ofOne.map((each) => ({ connection, ...each })));
    }
    const lines = webhooks.map(
      ({ connection, id, at, rule }) => `${connection}  ${id}  ${at}  ${rule}`,
    );
    const fix =
      'See one with: callwire webhooks show. Have them taken again, once a version makes them out, with: callwire webhooks retake';
    if (options.json) console.log(JSON.stringify({ webhooks }));
    else
      console.log(
        lines.length === 0 ? 'All webhooks could be made out.' : [...lines, fix].join('\n'),
      );
    return webhooks.length === 0 ? EXIT.allIsWell : EXIT.needsALook;
  });

/** Prints one of them as it came. Returns the exit status. */
export const showWebhook = ({ connection, id, ...options }: ShowOptions): Promise<number> =>
  withLocated(locateStores(options), async (located) => {
    const webhook = await (await keptIn(located)).read(connection, id);
    if (!webhook) throw unknownWebhook(connection);
    console.log(options.json ? JSON.stringify({ connection, id, ...webhook }) : webhook.body);
    return EXIT.allIsWell;
  });

async function retakeDeps({ tables, queues, output, objects }: System): Promise<RetakeDeps> {
  const [control, bucket] = [await output('ControlTableName'), await output('RawBucketName')];
  const pollQueueUrl = await output('PollQueueUrl');
  return {
    calls: dynamoCalls(tables, await output('CallsTableName')),
    raws: s3RawBucket(bucket, objects),
    baselineOf: (id) => loadBaseline(tables, control, id),
    pollAtOnce: pollAtOnce({
      windows: dynamoHintWindows(tables, control),
      sendTick: (tick, options) => sendJson(queues, pollQueueUrl, tick, options),
      now,
    }),
    now,
    kept: dynamoKeptWebhooks(tables, control, s3ReadObject(bucket, objects)),
  };
}

async function retakeIn(system: System, { connection, id, json }: RetakeOptions): Promise<number> {
  const deps = await retakeDeps(system);
  const target = await targetIn(system, connection);
  const all = await deps.kept.list(connection);
  const wanted = all.filter((each) => id === undefined || each.id === id);
  if (id !== undefined && wanted.length === 0) throw unknownWebhook(connection);
  console.error(`${wanted.length} webhooks are taken again …`);
  const taken = await retakeWebhooks(wanted, target, deps);
  // Where nothing else runs on this data, what comes of it arrives here and now.
  const drained = (await system.session?.drain(DRAIN_MS)) ?? true;
  const { carried, hinted, ignored, unattributed } = taken;
  const sentence = `${carried} carried their call, ${hinted} had ${connection} polled, ${ignored} were about no call; ${unattributed} can still not be made out and are kept.`;
  console.log(json ? JSON.stringify({ connection, ...taken, drained }) : sentence);
  return unattributed === 0 && drained ? EXIT.allIsWell : EXIT.needsALook;
}

/** Takes kept webhooks again, with this version's knowledge of providers. Returns the exit status. */
export async function retake(options: RetakeOptions): Promise<number> {
  handleSignals();
  return withLocated(locateSystem(options), (system) => retakeIn(system, options));
}
