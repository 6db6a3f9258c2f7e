import type { ConnectionSettings } from '../config/settings.ts';
import { canonicalJson } from '../hash.ts';
import type { Poll } from './poll.ts';
import { initialState, mergeStates, type PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';

/** The state as stored, made before the first request: `firstRun` must not depend on how that goes. */
export async function loadState(settings: ConnectionSettings, { states, now }: PollDeps) {
  const memory = await states.load(settings.id);
  if (memory.state) return { state: memory.state, recents: memory.recents };
  const state = { ...initialState(settings, now()), version: 1 };
  if (await states.save(settings.id, state)) return { state, recents: '' };
  const { state: theirs, recents } = await states.load(settings.id, { fresh: true });
  if (!theirs) throw new Error(`The poll state of ${settings.id} can be neither read nor written`);
  return { state: theirs, recents };
}

/** Saves what changed. Where somebody else saved meanwhile, nothing that either knows is forgotten. */
export async function saveState(
  connection: string,
  before: PollState,
  next: PollState,
  settled: ReadonlySet<string>,
  { states }: PollDeps,
): Promise<void> {
  if (canonicalJson(before) === canonicalJson(next)) return;
  let version = before.version;
  let merged = next;
  while (!(await states.save(connection, { ...merged, version: version + 1 }))) {
    const { state } = await states.load(connection, { fresh: true });
    if (!state) throw new Error(`The poll state of ${connection} vanished`);
    version = state.version;
    merged = mergeStates(state, next, settled);
  }
}

/** After the state: what is known is not looked at again, so an open call must be remembered first. */
export async function saveRecents({ settings, recents, deps }: Poll): Promise<void> {
  if (recents.changed) await deps.states.saveRecents(settings.id, recents.encode());
}
