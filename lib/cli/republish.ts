import { existsSync } from 'node:fs';
import { awsBus } from '../adapters/aws-bus.ts';
import { documentClient } from '../adapters/aws-clients.ts';
import { callsByTime } from '../adapters/calls-by-time.ts';
import type { EventBus } from '../events/event-bus.ts';
import { republish } from '../events/publish-transitions.ts';
import { DAY_MS } from '../time.ts';
import { orWithFix } from './aws-trouble.ts';
import { dataFile } from './data-folder.ts';
import { outputOf } from './deployment.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { readConfigFile } from './read-config.ts';
import { localEnvironment } from './secret-references.ts';
import { startSession } from './session.ts';
import { handleSignals } from './stopping.ts';

export interface RepublishOptions {
  readonly connection: string;
  readonly from: Date;
  readonly to: Date;
  readonly config: string;
  readonly data: string;
  readonly stack?: string | undefined;
  readonly json: boolean;
}

/** Calls are kept for 13 months; more is a mistyped year, and days without number to look into. */
export const MAX_DAYS = 400;

const DRAIN_MS = 60_000;

type Tables = ReturnType<typeof documentClient>;
/** The calls of a connection that were created in some time. */
export type Range = Pick<RepublishOptions, 'connection' | 'from' | 'to'>;

/** What came of it. */
interface Republished {
  readonly calls: number;
  readonly events: number;
  /** Events that the bus did not take. */
  readonly refused: number;
  /** Deliveries that this brought about; null on AWS, where they are made later. */
  readonly delivered: number | null;
  /** False: something was still on its way when the time was up. */
  readonly drained: boolean;
}

/** @throws UserError when there is no such range, or it is mistyped */
export function checkRange({ from, to }: Pick<Range, 'from' | 'to'>, now = new Date()): void {
  if (from >= to) throw new UserError('--from is not before --to: nothing lies in between.');
  // Of who was told then nothing is kept, so they would be told again.
  if (now.getTime() - from.getTime() > MAX_DAYS * DAY_MS) {
    throw new UserError(
      `--from is more than ${MAX_DAYS} days ago, and neither calls nor receipts are kept so long.`,
    );
  }
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MS) {
    throw new UserError(
      `From --from to --to is more than ${MAX_DAYS} days, and no call is kept so long.`,
    );
  }
}

/** Puts on the bus again what the calls of a range have announced. */
async function announceAgain(tables: Tables, table: string, range: Range, bus: EventBus) {
  const sum = { calls: 0, events: 0, refused: 0 };
  for await (const page of callsByTime(tables, table, range)) {
    const { events, refused } = await republish(page, { bus });
    sum.calls += page.length;
    sum.events += events;
    sum.refused += refused;
  }
  return sum;
}

async function onAws(stack: string, range: Range): Promise<Republished> {
  const [table, busName] = [
    await outputOf(stack, 'CallsTableName'),
    await outputOf(stack, 'BusName'),
  ];
  const sum = await announceAgain(documentClient(), table, range, awsBus(busName));
  return { ...sum, delivered: null, drained: true };
}

/** Starts the local system without polling, and lets arrive what is not known there yet. */
async function onThisMachine({
  config: file,
  data,
  ...range
}: RepublishOptions): Promise<Republished> {
  const config = readConfigFile(file);
  if (!existsSync(dataFile(data))) {
    throw new UserError(
      `There are no records in ${data}. Name the folder of \`callwire run\` with --data, or a deployment with --stack.`,
    );
  }
  const environment = localEnvironment(config);
  handleSignals();
  const session = await startSession({
    config,
    dataFolder: data,
    environment,
    progress: (step) => console.error(`callwire: ${step} …`),
  });
  try {
    const { tables, outputs, bus, tally } = session;
    const sum = await announceAgain(tables, outputs.CallsTableName, range, bus);
    const drained = await session.drain(DRAIN_MS);
    const states = [...tally.deliveries.values()].map(({ state }) => state);
    return { ...sum, delivered: states.filter((state) => state === 'delivered').length, drained };
  } finally {
    await session.close();
  }
}

/** Announces the stored calls of a range again. Returns the exit status. */
export async function republishCalls(options: RepublishOptions): Promise<number> {
  checkRange(options);
  const { stack, json } = options;
  const result =
    stack === undefined ? await onThisMachine(options) : await orWithFix(onAws(stack, options));
  const { calls, events, refused, delivered, drained } = result;
  const parts = [
    calls > 0 ? undefined : `no call of ${options.connection} that was created then is stored`,
    `${events} events of ${calls} calls were announced again`,
    delivered === null ? undefined : `${delivered} deliveries came of it: the rest was known`,
    refused === 0 ? undefined : `the bus refused ${refused}: do this again`,
    drained ? undefined : 'something is still on its way: the next run lets it arrive',
  ];
  console.log(
    json ? JSON.stringify(result) : `${parts.filter((part) => part !== undefined).join('; ')}.`,
  );
  const isWell = calls > 0 && refused === 0 && drained;
  return isWell ? EXIT.allIsWell : EXIT.needsALook;
}
