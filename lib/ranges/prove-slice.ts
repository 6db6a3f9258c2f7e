import { errorFields } from '../log.ts';
import { addProofs, NO_PROOF, type Proof } from '../proof/coverage.ts';
import { judgeCalls, proofOf } from '../proof/judge-calls.ts';
import { GRACE_MS } from '../proof/owed.ts';
import { addMs } from '../time.ts';
import type { RangeDeps } from './ports.ts';
import { coverageOf, type RangeJob } from './range-job.ts';
import type { Worked } from './read-slice.ts';

/** Until when the sweep before this one has proven everything; null where it has left something. */
function provenUntil(job: RangeJob): string | null {
  const { before } = job;
  if (before === null) return null;
  const { lost, isPartial } = before.proof;
  if (lost > 0 || isPartial || before.unproven > 0) return null;
  return addMs(new Date(before.startedAt), -GRACE_MS).toISOString();
}

/**
 * What a slice of a sweep proves of the calls that it was shown. Nothing of the provider's is asked for, and
 * of the calls nothing that reading them has not brought; a sweep does not end for want of a proof.
 */
export async function proveSlice(
  connection: string,
  job: RangeJob,
  { seen, listedIds }: Pick<Worked, 'seen' | 'listedIds'>,
  deps: RangeDeps,
): Promise<Proof> {
  const stored = [...listedIds].flatMap((id) => seen.get(id) ?? []);
  const unrecorded = [...listedIds]
    .filter((id) => !seen.has(id))
    .map((id) => proofOf({ connection, call: id, hop: 'stored' }));
  try {
    const judged = await judgeCalls(stored, provenUntil(job), deps);
    return [...judged.map(({ verdict }) => proofOf(verdict)), ...unrecorded].reduce(
      addProofs,
      NO_PROOF,
    );
  } catch (error) {
    deps.log('error', 'coverage cannot be proven', { connection, ...errorFields(error) });
    const unjudged = { ...NO_PROOF, unjudged: stored.length, isPartial: true };
    return unrecorded.reduce(addProofs, unjudged);
  }
}

/** Says what a sweep that is done has proven; each call that is missing something, by name. */
export function tellOfCoverage(connection: string, job: RangeJob, { log, count }: RangeDeps): void {
  const coverage = coverageOf(job);
  if (!coverage) return;
  const { lost, names } = coverage.proof;
  for (const { call, hop, event, destinations } of names) {
    log('warn', 'a listed call is lost', {
      connection,
      callId: call,
      reason: `not_${hop}`,
      eventId: event,
      destination: destinations?.join(),
    });
  }
  if (lost > 0) count('CallsLost', lost);
}
