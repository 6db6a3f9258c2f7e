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
import { orWithFix } from './aws-trouble.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import type { Where } from './reach-deliveries.ts';
import { type Located, locateLocal, locateStack } from './reach-system.ts';
import { handleSignals } from './stopping.ts';

interface Common extends Where {
  readonly json: boolean;
}
export type ListOptions = Common & { readonly connection?: string | undefined };
export type ShowOptions = Common & { readonly connection: string; readonly id: string };
export type RetakeOptions = Common & {
  readonly connection: string;
  readonly id?: string | undefined;
};

const DRAIN_MS = 60_000;

const now = (): Date => new Date();

async function keptIn({ tables, output, objects }: Located): Promise<KeptWebhooks> {
  const [control, bucket] = [await output('ControlTableName'), await output('RawBucketName')];
  return dynamoKeptWebhooks(tables, control, s3ReadObject(bucket, objects));
}

async function within<T>(
  { stack, data, config }: Where,
  work: (located: Located) => Promise<T>,
): Promise<T> {
  handleSignals();
  const located = stack === undefined ? await locateLocal(data, config) : locateStack(stack);
  try {
    return await orWithFix(work(located));
  } finally {
    located.queues.destroy();
    await located.session?.close();
  }
}

/** @throws UserError when there is no connection of this id */
async function targetIn({ tables, output }: Located, id: string): Promise<Target> {
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
  within(options, async (located) => {
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
  within(options, async (located) => {
    const webhook = await (await keptIn(located)).read(connection, id);
    if (!webhook) throw unknownWebhook(connection);
    console.log(options.json ? JSON.stringify({ connection, id, ...webhook }) : webhook.body);
    return EXIT.allIsWell;
  });

async function retakeDeps({ tables, queues, output, objects }: Located): Promise<RetakeDeps> {
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

/** Takes kept webhooks again, with this version's knowledge of providers. Returns the exit status. */
export const retake = ({ connection, id, ...options }: RetakeOptions): Promise<number> =>
  within(options, async (located) => {
    const deps = await retakeDeps(located);
    const target = await targetIn(located, connection);
    const all = await deps.kept.list(connection);
    const wanted = all.filter((each) => id === undefined || each.id === id);
    if (id !== undefined && wanted.length === 0) throw unknownWebhook(connection);
    console.error(`${wanted.length} webhooks are taken again …`);
    const taken = await retakeWebhooks(wanted, target, deps);
    // Where nothing else runs on this data, what comes of it arrives here and now.
    const drained = (await located.session?.drain(DRAIN_MS)) ?? true;
    const { carried, hinted, ignored, unattributed } = taken;
    const sentence = `${carried} carried their call, ${hinted} had ${connection} polled, ${ignored} were about no call; ${unattributed} can still not be made out and are kept.`;
    console.log(options.json ? JSON.stringify({ connection, ...taken, drained }) : sentence);
    return unattributed === 0 && drained ? EXIT.allIsWell : EXIT.needsALook;
  });
