import { type RecordDeps, recordObservation } from '../calls/record-observation.ts';
import { nextVersion, type Observation, type VersionPolicy } from '../calls/version.ts';
import { type Reading, readAgain } from './read-again.ts';

/** A record that was set aside because nobody could read it. */
export interface KeptRecord {
  readonly raw: unknown;
  /** When it was seen. */
  readonly at: string;
}

/** What it shows, read today: as if it had been read when it was seen. Undefined: nobody can read it still. */
function observationOf({ raw, at }: KeptRecord, reading: Reading): Observation | undefined {
  const read = readAgain([raw], reading);
  return read && { ...read, seenAt: at, receivedAt: at, rowPrint: null, raw: [raw] };
}

/** What would become of a record that was set aside. `known`: it says nothing that is not stored. */
export type Retaking = 'news' | 'known' | 'unreadable';

/** Says what taking it again would bring. */
export async function retaking(
  kept: KeptRecord,
  reading: Reading,
  policy: VersionPolicy,
  { calls }: Pick<RecordDeps, 'calls'>,
): Promise<Retaking> {
  const seen = observationOf(kept, reading);
  if (!seen) return 'unreadable';
  const { connection, id } = seen.call;
  const known = (await calls.get(connection, [id], { fresh: true })).get(id);
  return nextVersion(known, seen, policy) ? 'news' : 'known';
}

/** Records it as polls would have, had they been able to read it. */
export async function retakeRecord(
  kept: KeptRecord,
  reading: Reading,
  policy: VersionPolicy,
  deps: RecordDeps,
): Promise<Retaking> {
  const seen = observationOf(kept, reading);
  if (!seen) return 'unreadable';
  const { connection, id } = seen.call;
  const known = (await deps.calls.get(connection, [id], { fresh: true })).get(id);
  const { written } = await recordObservation(seen, known, policy, deps);
  return written ? 'news' : 'known';
}
