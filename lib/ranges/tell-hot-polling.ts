import type { Poll } from '../polling/poll.ts';
import { saveMemory } from '../polling/poll-memory.ts';
import { boundOpen, earliest, later, MAX_ENRICH } from '../polling/poll-state.ts';
import type { PollDeps } from '../polling/ports.ts';
import { decodeRecents } from '../polling/recents.ts';
import type { Task } from './read-slice.ts';

/** What was seen beside hot polling. */
export interface SeenBeside {
  readonly poll: Poll;
  /** Until when the provider told us to wait. */
  readonly pausedUntil: Date | undefined;
  /** False where everything there is of a call has come long ago. */
  readonly awaitsDetails: boolean;
  /** How far back hot polls are to look at least from now on, where that was found out. */
  readonly minLookBackMs?: number;
}

/**
 * What hot polling must know of what was seen beside it: calls found open, which are its to follow;
 * details that are still to come; that the provider told us to wait, which it told us both; and that a
 * row which looks as it last did is news all the same, where its call was written meanwhile.
 */
export async function tellHotPolling(
  { settings, hot }: Pick<Task, 'settings' | 'hot'>,
  { poll, pausedUntil, awaitsDetails, minLookBackMs = hot.minLookBackMs }: SeenBeside,
  deps: PollDeps,
): Promise<void> {
  const known = new Set([...hot.open, ...hot.enrich].map(({ id }) => id));
  const isNew = ({ id }: { id: string }) => !known.has(id);
  const open = [...poll.open.values()].filter(isNew);
  const enrich = awaitsDetails ? [...poll.enrich.values()].filter(isNew) : [];
  const isSame = minLookBackMs === hot.minLookBackMs;
  const { rewritten } = poll;
  const isQuiet = open.length + enrich.length + rewritten.size === 0;
  if (isQuiet && !pausedUntil && isSame) return;

  // Hot polls went on meanwhile, so what was loaded before the slice is old.
  const { state, recents } = await deps.states.load(settings.id, { fresh: true });
  if (!state) throw new Error(`The poll state of ${settings.id} vanished`);
  const prints = decodeRecents(recents);
  for (const id of rewritten) prints.forget(id);
  const all = new Map([...open, ...state.open].map((entry) => [entry.id, entry]));
  const bounded = boundOpen(all.values());
  const next = {
    ...state,
    minLookBackMs: isSame ? state.minLookBackMs : minLookBackMs,
    open: bounded.open,
    openFrom: earliest([bounded.openFrom, state.openFrom]),
    enrich: [...state.enrich, ...enrich].slice(0, MAX_ENRICH),
    backoffUntil: later(state.backoffUntil, pausedUntil?.toISOString() ?? null),
  };
  const changed = {
    recents: prints.changed ? prints.encode({ forgetUnseen: false }) : undefined,
    settled: poll.settled,
  };
  await saveMemory(settings.id, { state, recents }, next, changed, deps);
}
