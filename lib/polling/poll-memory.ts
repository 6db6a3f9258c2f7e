import type { ConnectionSettings } from '../config/settings.ts';
import { canonicalJson } from '../hash.ts';
import { initialState, mergeStates, type PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';

/** The state as stored, made before the first request: `firstRun` must not depend on how that goes. */
export async function loadState(
  settings: ConnectionSettings,
  { states, now }: Pick<PollDeps, 'states' | 'now'>,
) {
  const memory = await states.load(settings.id);
  if (memory.state) return { state: memory.state, recents: memory.recents };
  const state = { ...initialState(settings, now()), version: 1 };
  if (await states.save(settings.id, state, '')) return { state, recents: '' };
  const { state: theirs, recents } = await states.load(settings.id, { fresh: true });
  if (!theirs) throw new Error(`The poll state of ${settings.id} can be neither read nor written`);
  return { state: theirs, recents };
}

/**
 * Saves what changed, in one write: what is known is not looked at again, so an open call must be
 * remembered with it. Where somebody else saved meanwhile, nothing that either knows is forgotten.
 *
 * @param recents undefined where they did not change
 * @returns the state as it is saved
 */
export async function saveMemory(
  connection: string,
  before: { readonly state: PollState; readonly recents: string },
  next: PollState,
  { recents, settled }: { recents: string | undefined; settled: ReadonlySet<string> },
  { states }: PollDeps,
): Promise<PollState> {
  if (recents === undefined && canonicalJson(before.state) === canonicalJson(next)) return next;
  let { version } = before.state;
  let merged = next;
  let prints = recents ?? before.recents;
  while (!(await states.save(connection, { ...merged, version: version + 1 }, prints))) {
    const theirs = await states.load(connection, { fresh: true });
    if (!theirs.state) throw new Error(`The poll state of ${connection} vanished`);
    version = theirs.state.version;
    merged = mergeStates(theirs.state, next, settled, before.state);
    prints = recents ?? theirs.recents;
  }
  return merged;
}
