import { gunzipSync, gzipSync } from 'node:zlib';
import { stableId } from '../hash.ts';
import type { RawRef, StoredCall } from './version.ts';

/** A call with its raw record beside it stays far under the 100 KB that an item may have. */
const MAX_INLINE_BYTES = 8 * 1024;

/** Keeps raw records that are too large to lie beside their call. */
export interface RawBucket {
  put(key: string, gzipped: Uint8Array): Promise<void>;
}

/**
 * Packs a record to where it belongs by its size: small, to lie beside what it belongs to; else into
 * the bucket, before anything points there. Packed twice, it is the same object.
 */
export async function packRaw(key: string, raw: unknown, bucket: RawBucket): Promise<RawRef> {
  const gzipped = gzipSync(JSON.stringify(raw));
  if (gzipped.byteLength <= MAX_INLINE_BYTES) return { inline: gzipped };
  await bucket.put(key, gzipped);
  return { key };
}

/** Packs the provider's own records of one version of a call. */
export const keepRaw = (
  { call, version }: Pick<StoredCall, 'call' | 'version'>,
  records: readonly unknown[],
  bucket: RawBucket,
): Promise<RawRef> =>
  // Hashed: an id of a provider's may hold what a key may not.
  packRaw(`raw/${call.connection}/${stableId(call.id)}/${version}.json.gz`, records, bucket);

/** The records that `packRaw` packed. */
export const unpackRaw = (gzipped: Uint8Array): unknown =>
  JSON.parse(gunzipSync(gzipped).toString());
