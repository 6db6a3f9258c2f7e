import { TransientError } from '../errors.ts';
import type { CallStore } from './call-store.ts';
import { keepRaw, type RawBucket } from './raw-record.ts';
import { nextVersion, type Observation, type StoredCall, type VersionPolicy } from './version.ts';

export interface RecordDeps {
  readonly calls: CallStore;
  readonly raws: RawBucket;
}

export interface Recorded {
  /** The version that stands now. */
  readonly stored: StoredCall;
  /** True when this observation made it. */
  readonly written: boolean;
}

/** Writers that meet at one call wait for each other's write only; three rounds settle any crowd we have. */
const MAX_ROUNDS = 5;

/**
 * Records what was seen of a call, if it is news. Polling and webhooks both end here: one conditional
 * write per changed call, none for an unchanged one.
 *
 * @param known what is stored, as last read; undefined when nothing is
 * @throws TransientError when other writers were always first
 */
export async function recordObservation(
  seen: Observation,
  known: StoredCall | undefined,
  policy: VersionPolicy,
  { calls, raws }: RecordDeps,
): Promise<Recorded> {
  const { connection, id } = seen.call;
  let current = known;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = nextVersion(current, seen, policy);
    if (!next) {
      if (!current) throw new Error('A call that is not stored always has a next version');
      return { stored: current, written: false };
    }
    const version = { ...next, raw: await keepRaw(next, seen.raw, raws) };
    if (await calls.write(version)) return { stored: version, written: true };
    current = (await calls.get(connection, [id], { fresh: true })).get(id);
  }
  throw new TransientError('One call was written by others again and again', {
    reason: 'contended',
  });
}
