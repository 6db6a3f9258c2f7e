import * as z from 'zod';
import { type Call, callSchema, isFinal } from '../calls/call.ts';
import type { StoredCall } from '../calls/version.ts';
import { eventSchema } from '../events/event.ts';
import type { NoticeEvent } from '../events/notice.ts';
import { stableId } from '../hash.ts';
import { DAY_MS } from '../time.ts';

/** A call's key in the Calls table. Connection ids hold no `#`, so it cannot run into another's. */
export const callKey = (connection: string, id: string): string => `${connection}#${id}`;

/** No item is written that comes near DynamoDB's 400 KB. */
const MAX_ITEM_BYTES = 100_000;

/** Over so many partitions the failed calls of a day are spread, so that no busy day is a hot key. */
export const FAILED_SHARDS = 8;

const NOTICE_DAYS = 30;

/**
 * An item as it lies in the table. Nulls are left out: an item is billed by the kilobyte. `t`, `at`,
 * `f` and `n` are the keys of the indexes by time, of failed calls by day, and by number.
 */
const callItemSchema = z.object({
  pk: z.string(),
  call: z.looseObject({
    attributes: z
      .string()
      .default('{}')
      .transform((text): unknown => JSON.parse(text)),
  }),
  version: z.int().positive(),
  seenAt: z.string(),
  receivedAt: z.string(),
  recordedAt: z.string(),
  firstSeenAt: z.string(),
  revision: z.int().nonnegative(),
  outcomes: z.array(z.object({ outcome: z.enum(['completed', 'failed']), revision: z.int() })),
  changes: z.array(z.string()).default([]),
  silent: z.boolean().default(false),
  late: z.boolean().default(false),
  staleAt: z.string().nullable().default(null),
  withheld: z.array(z.string()).default([]),
  rowPrint: z.string().nullable().default(null),
  raw: z.instanceof(Uint8Array).optional(),
  rawKey: z.string().optional(),
});

const NO_CALL = Object.fromEntries(Object.keys(callSchema.shape).map((field) => [field, null]));

/**
 * Attributes are a provider's own JSON, and DynamoDB holds less than JSON may: numbers of any size, any
 * depth. So they lie there as text.
 */
const toItemCall = ({ attributes, ...call }: Call): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(call).filter(([, value]) => value !== null)),
  ...(Object.keys(attributes).length > 0 && { attributes: JSON.stringify(attributes) }),
});

function indexKeys({ call, firstSeenAt }: StoredCall): Record<string, string> {
  const at = call.createdAt ?? firstSeenAt;
  const day = at.slice(0, 10);
  const shard =
    Number.parseInt(
      Buffer.from(stableId(call.connection), 'base64url').toString('hex').slice(0, 2),
      16,
    ) % FAILED_SHARDS;
  return {
    t: `${call.connection}#${day}`,
    at,
    ...(isFinal(call) && call.outcome === 'failed' && { f: `${day}#${shard}` }),
    ...(call.contactNumber?.startsWith('+') && { n: call.contactNumber }),
  };
}

/** @throws Error when the item would be too large: everything in a call is bounded, so that is a bug. */
export function toCallItem(stored: StoredCall): Record<string, unknown> {
  const { call, raw, changes, withheld, silent, late, staleAt, rowPrint, ...rest } = stored;
  const item = {
    pk: callKey(call.connection, call.id),
    ...indexKeys(stored),
    ...rest,
    call: toItemCall(call),
    ...(changes.length > 0 && { changes }),
    ...(withheld.length > 0 && { withheld }),
    ...(silent && { silent }),
    ...(late && { late }),
    ...(staleAt !== null && { staleAt }),
    ...(rowPrint !== null && { rowPrint }),
    ...(raw && ('inline' in raw ? { raw: raw.inline } : { rawKey: raw.key })),
  };
  const rawBytes = raw && 'inline' in raw ? raw.inline.byteLength : 0;
  const size = Buffer.byteLength(JSON.stringify({ ...item, raw: undefined })) + rawBytes;
  if (size > MAX_ITEM_BYTES) throw new Error(`A call item of ${size} bytes is not written`);
  return item;
}

/** @throws ZodError for what `toCallItem` never wrote. */
export function fromCallItem(item: unknown): StoredCall {
  const { pk: _pk, call, raw, rawKey, ...stored } = callItemSchema.parse(item);
  return {
    ...stored,
    call: callSchema.parse({ ...NO_CALL, ...call }),
    raw: raw ? { inline: raw } : rawKey ? { key: rawKey } : null,
  };
}

/** Drift is told once for ever, so its notice stays; a transition's is needed only until it is published. */
export function toNoticeItem(event: NoticeEvent): Record<string, unknown> {
  const expiresAt = Math.floor((Date.parse(event.recordedAt) + NOTICE_DAYS * DAY_MS) / 1000);
  return {
    pk: `notice#${event.id}`,
    notice: event,
    ...(event.type !== 'provider.drifted' && { expiresAt }),
  };
}

const noticeItemSchema = z.object({ notice: eventSchema });

/** What an item of the Calls table is. */
export type CallsItem = { readonly call: StoredCall } | { readonly notice: NoticeEvent };

/** @throws ZodError for an item that is neither a call nor a notice. */
export function fromCallsItem(item: Record<string, unknown>): CallsItem {
  if (!('notice' in item)) return { call: fromCallItem(item) };
  const { notice } = noticeItemSchema.parse(item);
  if ('call' in notice) throw new Error('A notice is never about a call');
  return { notice };
}
