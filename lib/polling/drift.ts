import type { ConnectionSettings } from '../config/settings.ts';
import { fingerprint } from '../hash.ts';
import type { Provider } from '../providers/provider.ts';
import { type Drift, someOf } from './health-memory.ts';

interface Known {
  readonly provider: Provider;
  readonly settings: ConnectionSettings;
}

/** What one poll found out about what can be read. */
export interface DriftSeen {
  /** Records that cannot be read, by the names below, whether or not that is news. */
  readonly rejected: Set<string>;
  /** Records that can. */
  readonly readable: Set<string>;
  /** Words of calls that nobody knows. */
  readonly words: Set<string>;
  /** True when one of the records, or words, was not met before. */
  isNews: boolean;
  /** When the newest call was created that could be read; empty when none was. */
  newest: string;
}

export const nothingSeen = (): DriftSeen => ({
  rejected: new Set(),
  readable: new Set(),
  words: new Set(),
  isNews: false,
  newest: '',
});

/** What a record is known by: its row may be readable where its detail is not. */
export const recordName = (where: 'list' | 'detail', id: string): string => `${where} ${id}`;

/** A word as it is remembered. */
const brief = (word: string): string => word.slice(0, 64);

/** The words of which somebody has said what they mean: the provider's pages, or the operator. */
const knownWords = ({ provider, settings }: Known): Set<string> =>
  new Set([...Object.keys(provider.statuses), ...Object.keys(settings.statusOverrides)].map(brief));

/**
 * What still drifts after a poll. It is over when the remembered records have all been read and the words
 * are known; or, because a record may have left the list, when the whole list can be read and shows a call
 * that is newer than the last that could not. Nothing here changes with a poll that finds nothing.
 *
 * @param whole the poll read its list to the end
 */
export function nextDrift(
  before: Drift | undefined,
  seen: DriftSeen,
  known: Known,
  { whole, now }: { whole: boolean; now: Date },
): { drift: Drift | undefined; over: Drift | undefined } {
  const at = now.toISOString();
  const since = before?.since ?? null;
  const isDrifting = since !== null || seen.rejected.size > 0 || seen.words.size > 0;
  if (!isDrifting) return { drift: before, over: undefined };

  const readable = new Set([...seen.readable].map((name) => fingerprint(name)));
  const rejected = [...seen.rejected].map((name) => fingerprint(name));
  const samples = (since === null ? [] : (before?.samples ?? [])).filter(
    (sample) => !readable.has(sample) || rejected.includes(sample),
  );
  const said = knownWords(known);
  const words = [...(before?.words ?? []), ...seen.words].map(brief).filter((w) => !said.has(w));
  const drift: Drift = {
    ended: before?.ended ?? 0,
    since: since ?? at,
    lastAt: since === null || seen.isNews ? at : (before?.lastAt ?? at),
    samples: someOf(samples, rejected),
    words: someOf(words),
  };
  const isGone = drift.samples.length === 0 || (whole && seen.newest > drift.lastAt);
  const isOver = since !== null && rejected.length === 0 && drift.words.length === 0 && isGone;
  if (!isOver) return { drift, over: undefined };
  return {
    drift: { ...drift, ended: drift.ended + 1, since: null, samples: [], words: [] },
    over: drift,
  };
}
