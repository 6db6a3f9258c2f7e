import { dynamoCalls } from '../adapters/dynamo-calls.ts';
import { dynamoPollStates } from '../adapters/dynamo-control.ts';
import { loadConnection } from '../adapters/dynamo-ranges.ts';
import { dynamoSetAside } from '../adapters/dynamo-set-aside.ts';
import { s3Objects } from '../adapters/s3-objects.ts';
import { s3RawBucket } from '../adapters/s3-raw.ts';
import type { OnUnreadable } from '../calls/unreadable-item.ts';
import { withheldBy } from '../polling/begin-poll.ts';
import { providerById } from '../providers/index.ts';
import {
  carryOutRemap,
  planRemap,
  type RemapRules,
  type RemapStores,
} from '../remap/remap-connection.ts';
import { addMs, DAY_MS } from '../time.ts';
import { confirm } from './confirm.ts';
import { settingsOf } from './connection-settings.ts';
import { EXIT } from './exit-status.ts';
import {
  locateConfiguredStores,
  locateSystem,
  type Stores,
  type System,
  type Where,
  withLocated,
} from './locate.ts';
import { differenceLine, planLines } from './remap-report.ts';
import { checkRange, MAX_DAYS, type Range } from './republish.ts';
import { handleSignals } from './stopping.ts';
import { storedCalls } from './stored-calls.ts';
import { namingUnreadable, unreadableLine } from './unreadable.ts';

export interface RemapOptions extends Where, Pick<Range, 'connection'> {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

const DRAIN_MS = 120_000;

const now = (): Date => new Date();

/** Only looked at for a dry run. */
type Located = Stores & Partial<Pick<System, 'session'>>;

async function storesOf(
  located: Located,
  range: Range,
  onUnreadable: OnUnreadable,
): Promise<RemapStores> {
  const { tables, objects, output } = located;
  const [calls, bucket] = [await output('CallsTableName'), await output('RawBucketName')];
  return {
    calls: dynamoCalls(tables, calls),
    range: () => storedCalls(located, range, onUnreadable),
    setAside: dynamoSetAside(tables, await output('ControlTableName')),
    objects: s3Objects(objects, bucket),
    raws: s3RawBucket(bucket, objects),
    onUnreadable,
  };
}

/** @throws UserError when there is no such connection */
async function rulesOf({ tables, output }: Located, connection: string): Promise<RemapRules> {
  const control = await output('ControlTableName');
  const settings = await settingsOf(
    { connection: (id) => loadConnection(tables, control, id) },
    connection,
  );
  const provider = providerById(settings.provider);
  const { state } = await dynamoPollStates(tables, control).load(connection);
  return {
    reading: { settings, provider },
    policy: {
      baselineAt: state?.baselineAt ?? null,
      announceWithinMs: settings.announceWithin,
      withheld: withheldBy(settings, provider),
    },
    now,
  };
}

async function remapIn(located: Located, options: RemapOptions, range: Range): Promise<number> {
  const { dryRun, yes, json } = options;
  const { onUnreadable, unreadable } = namingUnreadable();
  const [rules, stores] = [
    await rulesOf(located, options.connection),
    await storesOf(located, range, onUnreadable),
  ];
  const plan = await planRemap(rules, stores, (read) => console.error(`${read} calls read`));
  const { calls, differences, records, readable } = plan;
  const say = json || !dryRun ? console.error : console.log;
  for (const each of differences) say(differenceLine(each));
  const isNothing = differences.length + readable.length === 0;
  // Elsewhere than on a terminal nobody could answer, and whoever wrote the script has decided.
  const isAsked = !yes && !dryRun && !isNothing && process.stdin.isTTY;
  const goesOn = !dryRun && !isNothing && (!isAsked || (await confirm('Record this?')));
  const done = goesOn
    ? await carryOutRemap(plan, rules, stores, (count) => {
        if (count % 100 === 0) console.error(`${count} of ${differences.length} recorded`);
      })
    : { recorded: 0, retaken: 0 };
  const drained = (await located.session?.drain(DRAIN_MS)) ?? true;
  if (json) {
    const result = {
      dryRun,
      calls,
      unreadable: unreadable(),
      records,
      ...done,
      drained,
      differences,
    };
    console.log(JSON.stringify(result));
  } else {
    const lines = planLines(plan, { ...done, dryRun: !goesOn, drained });
    console.log([...lines, ...unreadableLine(unreadable())].join('\n'));
  }
  return drained && unreadable() === 0 ? EXIT.allIsWell : EXIT.needsALook;
}

/** Reads the stored records of a connection again, as they are understood today. Returns the exit status. */
export async function remap(options: RemapOptions): Promise<number> {
  const { connection, dryRun } = options;
  const to = options.to ?? now();
  const range = { connection, from: options.from ?? addMs(to, -MAX_DAYS * DAY_MS), to };
  checkRange(range);
  handleSignals();
  return withLocated<Located, number>(
    dryRun ? locateConfiguredStores(options) : locateSystem(options),
    (located) => remapIn(located, options, range),
  );
}
