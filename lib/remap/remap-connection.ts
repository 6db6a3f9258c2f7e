import type { Call } from '../calls/call.ts';
import type { CallStore } from '../calls/call-store.ts';
import type { RawBucket } from '../calls/raw-record.ts';
import { type OnUnreadable, UnreadableItem } from '../calls/unreadable-item.ts';
import type { StoredCall, VersionPolicy } from '../calls/version.ts';
import { eachLimited } from '../each-limited.ts';
import type { ObjectStore, SetAside } from '../erasure/ports.ts';
import type { Clock } from '../time.ts';
import type { Reading } from './read-again.ts';
import { type Remapping, remap, remapCall } from './remap-call.ts';
import { type Retaking, retakeRecord, retaking } from './retake-record.ts';

/** Calls that are read, or written, at once. */
const AT_ONCE = 10;

export interface RemapStores {
  readonly calls: CallStore;
  /** The stored calls of the range, a page at a time. */
  range(): AsyncIterable<readonly StoredCall[]>;
  readonly setAside: {
    all(): AsyncIterable<readonly SetAside[]>;
    remove(one: SetAside): Promise<void>;
  };
  readonly objects: ObjectStore;
  readonly raws: RawBucket;
  /** Told of each stored call that cannot be read, of which nothing becomes. */
  readonly onUnreadable: OnUnreadable;
}

/** A connection as it is read today, and what is announced of its calls. */
export interface RemapRules {
  readonly reading: Reading;
  readonly policy: Omit<VersionPolicy, 'now' | 'via'>;
  readonly now: Clock;
}

type Standing = Pick<Call, 'outcome' | 'status' | 'reason'>;

/** A call that is understood otherwise today. */
export interface Difference {
  readonly id: string;
  readonly before: Standing;
  readonly after: Standing;
  /** Names of the fields that differ. */
  readonly changes: readonly string[];
  readonly silent: boolean;
}

/** What reading everything again comes to. */
export interface RemapPlan {
  /** Calls by what becomes of them. */
  readonly calls: Record<Remapping['kind'], number>;
  readonly differences: readonly Difference[];
  /** Records that were set aside, by what becomes of them. */
  readonly records: Record<Retaking, number>;
  /** Those of them that can be read now. */
  readonly readable: readonly SetAside[];
}

const standingOf = ({ outcome, status, reason }: Call): Standing => ({ outcome, status, reason });

const recordsOf =
  ({ objects }: Pick<RemapStores, 'objects'>) =>
  async ({ raw }: StoredCall): Promise<unknown> => {
    if (raw === null) return undefined;
    const text = 'inline' in raw ? raw.inline : await objects.read(raw.key);
    return text === undefined ? undefined : JSON.parse(text);
  };

/** What was set aside, as it was sent; undefined: it is not kept any more. */
async function keptRecord(
  { text, rawKey, at }: SetAside,
  { objects }: Pick<RemapStores, 'objects'>,
) {
  const json = text ?? (rawKey === undefined ? undefined : await objects.read(rawKey));
  if (json === undefined) return undefined;
  const raw: unknown = JSON.parse(json);
  return { raw, at };
}

/** Only records that a list or a detail showed; webhooks are another matter. */
const isRecord = ({ name }: SetAside): boolean => name.startsWith('quarantine#');

/** What becomes of a record; of one whose stored call cannot be read, nothing. */
async function orUnreadable(
  { onUnreadable }: Pick<RemapStores, 'onUnreadable'>,
  take: () => Promise<Retaking>,
): Promise<Retaking> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    onUnreadable(error);
    return 'unreadable';
  }
}

/** Reads all records of a connection again, and says what would become of its calls. Changes nothing. */
export async function planRemap(
  { reading, policy, now }: RemapRules,
  stores: RemapStores,
  progress: (read: number) => void = () => {},
): Promise<RemapPlan> {
  const calls: RemapPlan['calls'] = {
    ...{ differs: 0, same: 0, 'stays final': 0 },
    ...{ 'told otherwise': 0, unreadable: 0, 'without record': 0 },
  };
  const differences: Difference[] = [];
  const rawOf = recordsOf(stores);
  for await (const page of stores.range()) {
    await eachLimited(page, AT_ONCE, async (stored) => {
      const remapping = await remap(stored, reading, { ...policy, now: now() }, { rawOf });
      calls[remapping.kind] += 1;
      if (remapping.kind !== 'differs') return;
      const { call, silent } = remapping.next;
      const { before, changes } = remapping;
      differences.push({ id: call.id, before, after: standingOf(call), changes, silent });
    });
    if (page.length > 0) progress(Object.values(calls).reduce((sum, count) => sum + count, 0));
  }
  const records: RemapPlan['records'] = { news: 0, known: 0, unreadable: 0 };
  const readable: SetAside[] = [];
  for await (const page of stores.setAside.all()) {
    for (const one of page) {
      if (one.connection !== reading.settings.id || !isRecord(one)) continue;
      const kept = await keptRecord(one, stores);
      if (!kept) continue;
      const taken = await orUnreadable(stores, () =>
        retaking(kept, reading, { ...policy, now: now() }, stores),
      );
      records[taken] += 1;
      if (taken !== 'unreadable') readable.push(one);
    }
  }
  return { calls, differences, records, readable };
}

/** Records what a plan found, as it is by now. @returns how many versions were written, and records taken again */
export async function carryOutRemap(
  { differences, readable }: RemapPlan,
  { reading, policy, now }: RemapRules,
  stores: RemapStores,
  progress: (done: number) => void = () => {},
): Promise<{ readonly recorded: number; readonly retaken: number }> {
  const { id: connection } = reading.settings;
  const deps = { ...stores, rawOf: recordsOf(stores) };
  const sum = { recorded: 0, retaken: 0 };
  await eachLimited(differences, AT_ONCE, async ({ id }) => {
    const written = await remapCall({ connection, id }, reading, { ...policy, now: now() }, deps);
    if (!written) return;
    sum.recorded += 1;
    progress(sum.recorded);
  });
  for (const one of readable) {
    const kept = await keptRecord(one, stores);
    if (!kept) continue;
    const taken = await orUnreadable(stores, () =>
      retakeRecord(kept, reading, { ...policy, now: now() }, stores),
    );
    if (taken === 'unreadable') continue;
    // The object first: what leads to it must be found again by whoever is stopped in between.
    if (one.rawKey !== undefined) await stores.objects.remove(one.rawKey);
    await stores.setAside.remove(one);
    sum.retaken += 1;
  }
  return sum;
}
