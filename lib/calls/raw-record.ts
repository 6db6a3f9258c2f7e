import { gunzipSync, gzipSync } from 'node:zlib';
import { stableId } from '../hash.ts';
import type { CallKey } from './call.ts';
import type { RawRef, StoredCall } from './version.ts';

/** A call with its raw record beside it stays far under the 100 KB that an item may have. */
const MAX_INLINE_BYTES = 8 * 1024;

/** Keeps raw records that are too large to lie beside their call. */
export interface RawBucket {
  put(key: string, gzipped: Uint8Array): Promise<void>;
}

export const zipText = (text: string): Uint8Array => gzipSync(text);
export const unzipText = (gzipped: Uint8Array): string => gunzipSync(gzipped).toString();

/**
 * Puts a record where it belongs by its size: small, to lie beside what it belongs to; else into
 * the bucket, before anything points there. Put there twice, it is the same object.
 */
export async function placeRaw(key: string, raw: unknown, bucket: RawBucket): Promise<RawRef> {
  const text = JSON.stringify(raw);
  // Most are seen to be small without packing them.
  if (Buffer.byteLength(text) <= MAX_INLINE_BYTES) return { inline: text };
  const gzipped = zipText(text);
  if (gzipped.byteLength <= MAX_INLINE_BYTES) return { inline: text };
  await bucket.put(key, gzipped);
  return { key };
}

/** Where the records of a call lie. Hashed: an id of a provider's may hold what a key may not. */
export const rawFolder = ({ connection, id }: CallKey): string =>
  `raw/${connection}/${stableId(id)}/`;

/** Where all versions of a record that was set aside lie, as far as they are too large for its item. */
export const quarantineFolder = ({ connection, id }: CallKey): string =>
  `quarantine/${connection}/${stableId(id)}/`;

/** Where webhooks lie that nobody could make out, as far as they are too large for their items. */
export const webhookFolder = (connection: string): string => `webhooks/${connection}/`;

/** Keeps the provider's own records of one version of a call. */
export const keepRaw = (
  { call, version }: Pick<StoredCall, 'call' | 'version'>,
  records: readonly unknown[],
  bucket: RawBucket,
): Promise<RawRef> => placeRaw(`${rawFolder(call)}${version}.json.gz`, records, bucket);
