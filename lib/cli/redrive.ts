import { setTimeout as sleep } from 'node:timers/promises';
import type { DestinationSettings } from '../config/settings.ts';
import { attentionTo } from '../delivery/attention.ts';
import { type Redriven, type RedriveOrder, redriveDeliveries } from '../delivery/redrive.ts';
import { orWithFix } from './aws-trouble.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import type { Where } from './locate.ts';
import { type ReachedDeliveries, reachDeliveries } from './reach-deliveries.ts';
import { handleSignals } from './stopping.ts';

export interface RedriveOptions extends Where {
  readonly id?: string | undefined;
  readonly destination?: string | undefined;
  readonly all: boolean;
  readonly state: RedriveOrder['states'];
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly json: boolean;
}

const DRAIN_MS = 120_000;

/** @throws UserError when it is not said which deliveries */
export function checkRedrive({ id, destination, all, since, until }: RedriveOptions): void {
  if (id === undefined && destination === undefined && !all) {
    throw new UserError('Say which deliveries: --id <event>, --destination <id>, or --all.');
  }
  if (all && (id !== undefined || destination !== undefined)) {
    throw new UserError('--all is every delivery: leave it away, or --id and --destination.');
  }
  if (since && until && since >= until) {
    throw new UserError('--since is not before --until: nothing lies in between.');
  }
}

/** @throws UserError when there is no such destination */
async function wanted(
  system: ReachedDeliveries,
  destination: string | undefined,
): Promise<DestinationSettings[]> {
  const all = await system.destinations();
  const some = all.filter(({ id }) => destination === undefined || id === destination);
  if (some.length > 0 || destination === undefined) return some;
  throw new UserError(
    `There is no destination ${destination} there, but ${all.map(({ id }) => id).join(', ')}. Add it again and apply, or name another.`,
  );
}

/** Sends deliveries that stand still again. Returns the exit status. */
export async function redrive(options: RedriveOptions): Promise<number> {
  checkRedrive(options);
  handleSignals();
  const system = await orWithFix(reachDeliveries(options));
  try {
    const { id: eventId, state: states, since, until } = options;
    const destinations = await orWithFix(wanted(system, options.destination));
    const result = await redriveDeliveries(
      { destinations, states, eventId, since, until },
      {
        ...system,
        now: () => new Date(),
        sleep,
        progress: (done, of) => console.error(`${done} of ${of} are on their way`),
      },
    );
    // Where nothing else runs on this data, they are made here and now.
    const drained = (await system.session?.drain(DRAIN_MS)) ?? true;
    const left = system.session && attentionTo(await system.unsettled(), new Date());
    const standing = left?.reduce((sum, { count }) => sum + count, 0) ?? null;
    if (options.json)
      console.log(
        JSON.stringify({ ...result, unreadable: system.unreadable(), drained, standing }),
      );
    else console.log(`${redriveWords(result)}${afterwards(result, drained, standing)}`);
    const isWell = drained && !standing && result.withoutEvent === 0 && system.unreadable() === 0;
    return isWell ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await system.close();
  }
}

/** What became of a redrive, for people. */
export function redriveWords({ found, redriven, taken, withoutEvent }: Redriven): string {
  if (found === 0) return 'Nothing of that stands still.';
  return [
    redriven === 1
      ? '1 delivery was sent again'
      : `${redriven} deliveries were sent again, in order`,
    taken > 0 ? `; already on their way: ${taken}` : '',
    withoutEvent > 0
      ? `; of a version that did not keep events: ${withoutEvent}, whose calls callwire republish announces again`
      : '',
    '.',
  ].join('');
}

const afterwards = ({ found }: Redriven, drained: boolean, standing: number | null): string => {
  if (!drained) return ' Some are still on their way: the next run lets them arrive.';
  if (standing === null) return found === 0 ? '' : ' Whether they arrive: callwire attention.';
  return standing > 0 ? ` Standing still: ${standing}; callwire attention says why.` : '';
};
