import type { ConnectionSettings } from '../config/settings.ts';
import type { Provider } from '../providers/provider.ts';
import { addMs, DAY_MS } from '../time.ts';
import type { Asker } from './ask-provider.ts';
import { nothingSeen } from './drift.ts';
import type { Poll } from './poll.ts';
import type { PollState } from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import { decodeRecents } from './recents.ts';

/** Groups of fields that may not leave for bus and chat. */
export const withheldBy = ({ share }: ConnectionSettings, provider: Provider): string[] =>
  Object.entries({ ...provider.share, ...share })
    .filter(([, isShared]) => !isShared)
    .map(([group]) => group);

/** A poll that has seen nothing yet. */
export function beginPoll(
  settings: ConnectionSettings,
  provider: Provider,
  deps: PollDeps,
  { state, recents }: { state: PollState; recents: string },
  { ask }: Asker,
): Poll {
  return {
    settings,
    provider,
    deps,
    policy: {
      baselineAt: state.baselineAt,
      announceWithinMs: settings.announceWithin,
      withheld: withheldBy(settings, provider),
      via: deps.via,
    },
    recents: decodeRecents(recents),
    undatedEnd:
      state.begun || state.baselineAt === null
        ? null
        : addMs(new Date(state.baselineAt), -DAY_MS).toISOString(),
    counts: {
      requests: 0,
      detailRequests: 0,
      rows: 0,
      changed: 0,
      final: 0,
      silent: 0,
      late: 0,
      quarantined: 0,
    },
    learned: { created: [], lengthsMs: [], firstSeen: 0 },
    drift: nothingSeen(),
    // Who reads a range says again what was said of it first, which is no news.
    driftsEnded: 0,
    lastChangeAt: state.lastChangeAt,
    open: new Map(state.open.map((entry) => [entry.id, entry])),
    enrich: new Map(state.enrich.map((entry) => [entry.id, entry])),
    settled: new Set(),
    rewritten: new Set(),
    looked: new Set(),
    faults: [],
    hasMoreOpen: state.openFrom !== null,
    ask,
  };
}
