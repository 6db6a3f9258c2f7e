import { callsByTime } from '../adapters/calls-by-time.ts';
import type { EventBus } from '../events/event-bus.ts';
import { republish } from '../events/publish-transitions.ts';
import { DAY_MS } from '../time.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { locateSystem, type System, type Where, withLocated } from './locate.ts';
import { handleSignals } from './stopping.ts';
import { namingUnreadable } from './unreadable.ts';

export interface RepublishOptions extends Where {
  readonly connection: string;
  readonly from: Date;
  readonly to: Date;
  readonly json: boolean;
}

/** Calls are kept for 13 months; more is a mistyped year, and days without number to look into. */
export const MAX_DAYS = 400;

const DRAIN_MS = 60_000;

/** The calls of a connection that were created in some time. */
export type Range = Pick<RepublishOptions, 'connection' | 'from' | 'to'>;

/** What came of it. */
interface Republished {
  readonly calls: number;
  /** Items that cannot be read, and so were left out. */
  readonly unreadable: number;
  readonly events: number;
  /** Events that the bus did not take. */
  readonly refused: number;
  /** Deliveries that this brought about; null where others make them: on AWS, or by the system that runs. */
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
async function announceAgain(tables: System['tables'], table: string, range: Range, bus: EventBus) {
  const sum = { calls: 0, events: 0, refused: 0 };
  const { onUnreadable, unreadable } = namingUnreadable();
  for await (const page of callsByTime(tables, table, range, onUnreadable)) {
    const { events, refused } = await republish(page, { bus });
    sum.calls += page.length;
    sum.events += events;
    sum.refused += refused;
  }
  return { ...sum, unreadable: unreadable() };
}

/** Where nothing else runs on this data, lets arrive what is not known there yet. */
async function republishIn(system: System, range: Range): Promise<Republished> {
  const { tables, output, bus, session } = system;
  const sum = await announceAgain(tables, await output('CallsTableName'), range, bus);
  if (!session) return { ...sum, delivered: null, drained: true };
  const drained = await session.drain(DRAIN_MS);
  const states = [...session.tally.deliveries.values()].map(({ state }) => state);
  return { ...sum, delivered: states.filter((state) => state === 'delivered').length, drained };
}

/** Announces the stored calls of a range again. Returns the exit status. */
export async function republishCalls(options: RepublishOptions): Promise<number> {
  checkRange(options);
  handleSignals();
  const result = await withLocated(locateSystem(options), (system) => republishIn(system, options));
  const { calls, unreadable, events, refused, delivered, drained } = result;
  const parts = [
    calls + unreadable > 0
      ? undefined
      : `no call of ${options.connection} that was created then is stored`,
    `${events} events of ${calls} calls were announced again`,
    delivered === null ? undefined : `${delivered} deliveries came of it: the rest was known`,
    unreadable === 0 ? undefined : `${unreadable} items cannot be read`,
    refused === 0 ? undefined : `the bus refused ${refused}: do this again`,
    drained ? undefined : 'something is still on its way: the next run lets it arrive',
  ];
  console.log(
    options.json
      ? JSON.stringify(result)
      : `${parts.filter((part) => part !== undefined).join('; ')}.`,
  );
  const isWell = calls > 0 && unreadable === 0 && refused === 0 && drained;
  return isWell ? EXIT.allIsWell : EXIT.needsALook;
}
