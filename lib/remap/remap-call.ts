import type { Call } from '../calls/call.ts';
import { isFinal } from '../calls/call.ts';
import type { CallStore } from '../calls/call-store.ts';
import { remappedVersion, type StoredCall, type VersionPolicy } from '../calls/version.ts';
import { TransientError } from '../errors.ts';
import { type Reading, readAgain } from './read-again.ts';

/** What today's reading of a stored call comes to. */
export type Remapping =
  | {
      readonly kind: 'differs';
      readonly next: StoredCall;
      /** Names of the fields that differ. */
      readonly changes: readonly string[];
      readonly before: Pick<Call, 'status' | 'outcome' | 'reason'>;
    }
  | { readonly kind: 'same' }
  /** It would be open again, which a final call never is. */
  | { readonly kind: 'stays final' }
  /** What stands was told by something else than the record that is kept. */
  | { readonly kind: 'told otherwise' }
  | { readonly kind: 'unreadable' }
  /** Its record is not kept any more. */
  | { readonly kind: 'without record' };

export interface RemapDeps {
  readonly calls: CallStore;
  /** The provider's own records behind a version; undefined: they are not kept any more. */
  rawOf(stored: StoredCall): Promise<unknown>;
}

/** What would become of a stored call by reading its records again. */
export async function remap(
  stored: StoredCall,
  reading: Reading,
  policy: Omit<VersionPolicy, 'via'>,
  { rawOf }: Pick<RemapDeps, 'rawOf'>,
): Promise<Remapping> {
  const records = stored.forgotten ? undefined : await rawOf(stored);
  if (!Array.isArray(records) || records.length === 0) return { kind: 'without record' };
  const read = readAgain(records, reading);
  if (!read || read.call.id !== stored.call.id) return { kind: 'unreadable' };
  if (isFinal(stored.call) && !isFinal(read.call)) return { kind: 'stays final' };
  // A webhook that only added something to a call left its own record: it may be older than what stands.
  const mayBeWebhooks = reading.settings.webhook !== undefined;
  if (mayBeWebhooks && read.call.providerStatus !== stored.call.providerStatus) {
    return { kind: 'told otherwise' };
  }
  const next = remappedVersion(stored, read.call, policy);
  if (!next) return { kind: 'same' };
  const { status, outcome, reason } = stored.call;
  const before = { status, outcome, reason };
  return { kind: 'differs', next, before, changes: changesOf(stored.call, next.call) };
}

/** Also of a call that is open, whose versions name none. */
const changesOf = (before: Call, after: Call): string[] =>
  Object.keys(after).filter(
    (field) =>
      JSON.stringify(Reflect.get(before, field)) !== JSON.stringify(Reflect.get(after, field)),
  );

/** Writers that meet at one call wait for each other's write only. */
const MAX_ROUNDS = 5;

/**
 * Records what today's reading makes of a stored call, as a version like any other: what it announces
 * follows from its stream. Of a call that is seen anew meanwhile, that is what is read.
 *
 * @returns what was recorded; undefined: nothing differs any more
 * @throws TransientError when other writers were always first
 */
export async function remapCall(
  { connection, id }: Pick<Call, 'connection' | 'id'>,
  reading: Reading,
  policy: Omit<VersionPolicy, 'via'>,
  deps: RemapDeps,
): Promise<StoredCall | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const stored = (await deps.calls.get(connection, [id], { fresh: true })).get(id);
    const remapping = stored && (await remap(stored, reading, policy, deps));
    if (remapping?.kind !== 'differs') return undefined;
    if (await deps.calls.write(remapping.next)) return remapping.next;
  }
  throw new TransientError('One call was written by others again and again', {
    reason: 'contended',
  });
}
