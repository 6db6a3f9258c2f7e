import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { CALL_DAYS, type Call, type CallKey, callSchema, isFinal } from '../calls/call.ts';
import { unzipText } from '../calls/raw-record.ts';
import { type OnUnreadable, UnreadableItem } from '../calls/unreadable-item.ts';
import { createdAt, paths, type StoredCall } from '../calls/version.ts';
import { eventSchema } from '../events/event.ts';
import type { NoticeEvent } from '../events/notice.ts';
import { stableId } from '../hash.ts';
import { DAY_MS } from '../time.ts';
import { packText, unpackText } from './packed-text.ts';

/** A call's key in the Calls table. Connection ids hold no `#`, so it cannot run into another's. */
export const callKey = (connection: string, id: string): string => `${connection}#${id}`;

/** Whose key that is. */
export function callOfKey(pk: string): CallKey {
  const separator = pk.indexOf('#');
  return { connection: pk.slice(0, separator), id: pk.slice(separator + 1) };
}

/** No item is written that comes near DynamoDB's 400 KB. */
const MAX_ITEM_BYTES = 100_000;

/** Over so many partitions the failed calls of a day are spread, so that no busy day is a hot key. */
export const FAILED_SHARDS = 8;

const NOTICE_DAYS = 30;

/** As epoch milliseconds, a third of the text; items of before have the text. */
const storedInstant = z.union([
  z.number().transform((ms) => new Date(ms).toISOString()),
  z.iso.datetime(),
]);

/**
 * Facts that lie packed: they are long, or derive from others, and the raw record tells them again. What
 * is looked for in the table itself (who, when, how it ended) lies in `call`, readable.
 *
 * Attributes are a provider's own JSON, and DynamoDB holds less than JSON may: numbers of any size, any
 * depth. As text they are what they were.
 */
const PACKED = [
  'attributes',
  'summary',
  'recordingUrl',
  'transcriptUrl',
  'url',
  'agentNumber',
] as const satisfies readonly (keyof Call)[];
const packedFactsSchema = z.looseObject({
  changes: z.array(z.string()).default([]),
  /** Left out where it was a poll, as it is of nearly every call. */
  via: z.enum(paths).default('poll'),
});

/**
 * An item as it lies in the table. Nulls are left out, and so is what the keys say: an item is billed by
 * the kilobyte. `t`, `at`, `f` and `n` are the keys of the indexes by time, of failed calls by day, and
 * by number. `packed` holds a line of JSON with facts, the changes and the path, and the raw record after it.
 *
 * Items of before have `changes` and all facts in the open, attributes as text, and `raw` in gzip.
 */
const callItemSchema = z.object({
  pk: z.string().regex(/^[^#]+#./s),
  at: z.string(),
  n: z.string().optional(),
  call: z.looseObject({
    agent: z
      .object({ id: z.string().nullable(), name: z.string().nullable() })
      .partial()
      .optional(),
    attributes: z
      .string()
      .transform((text): unknown => JSON.parse(text))
      .optional(),
  }),
  version: z.int().positive(),
  seenAt: storedInstant,
  receivedAt: storedInstant,
  recordedAt: storedInstant,
  firstSeenAt: storedInstant,
  revision: z.int().nonnegative(),
  /** Left out where there is one, the call's own, from its first revision on. */
  outcomes: z
    .array(z.object({ outcome: z.enum(['completed', 'failed']), revision: z.int() }))
    .optional(),
  changes: z.array(z.string()).default([]),
  silent: z.boolean().default(false),
  late: z.boolean().default(false),
  staleAt: storedInstant.nullable().default(null),
  withheld: z.array(z.string()).default([]),
  forgotten: z.boolean().default(false),
  rowPrint: z.string().nullable().default(null),
  packed: z.instanceof(Uint8Array).optional(),
  raw: z.instanceof(Uint8Array).optional(),
  rawKey: z.string().optional(),
});

const NO_CALL = Object.fromEntries(Object.keys(callSchema.shape).map((field) => [field, null]));

const withoutNulls = (facts: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));

/** A call in two parts: what lies in the open, and what lies packed. */
function partsOf({ connection: _c, id: _i, agent, ...facts }: Call, { n }: { n?: string }) {
  const isPacked = (name: string): boolean => PACKED.some((packed) => packed === name);
  const told = Object.entries({
    ...facts,
    attributes: Object.keys(facts.attributes).length > 0 ? facts.attributes : null,
    contactNumber: n === undefined ? facts.contactNumber : null,
    agent: agent.id === null && agent.name === null ? null : withoutNulls(agent),
  });
  return {
    open: withoutNulls(Object.fromEntries(told.filter(([name]) => !isPacked(name)))),
    packed: withoutNulls(Object.fromEntries(told.filter(([name]) => isPacked(name)))),
  };
}

/** Every text that lies in the open, which what is packed beside it repeats. */
function openTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  return Object.values(value).flatMap(openTexts);
}

/** What is known of an item's packed part beside it; of one that was never written so, something that nothing fits. */
export const knownOf = ({
  pk,
  call,
  at,
}: {
  pk?: unknown;
  call?: unknown;
  at?: unknown;
}): string[] => [...String(pk).split('#'), String(at), ...openTexts(call)];

/** What was forgotten stands in no index: nobody comes upon it who does not know its identity. */
function indexKeys(stored: StoredCall): {
  readonly at: string;
  readonly t?: string;
  readonly f?: string;
  readonly n?: string;
} {
  const { call, firstSeenAt, forgotten } = stored;
  if (forgotten) return { at: firstSeenAt };
  const at = createdAt(stored);
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

/** In epoch seconds. */
const expiryAfter = (instant: string, days: number): number =>
  Math.floor((Date.parse(instant) + days * DAY_MS) / 1000);

/** What the outcomes have been of nearly every call: its own, and none while it is open. */
const usualOutcomes = ({ outcome }: Pick<Call, 'outcome'>): StoredCall['outcomes'] =>
  outcome === 'open' ? [] : [{ outcome, revision: 1 }];

/** @throws Error when the item would be too large: everything in a call is bounded, so that is a bug. */
export function toCallItem(stored: StoredCall): Record<string, unknown> {
  const {
    call,
    raw,
    changes,
    via,
    withheld,
    silent,
    late,
    staleAt,
    rowPrint,
    outcomes,
    ...others
  } = stored;
  const { forgotten, ...rest } = others;
  const keys = indexKeys(stored);
  const { open, packed } = partsOf(call, keys);
  const item = {
    pk: callKey(call.connection, call.id),
    ...keys,
    ...rest,
    seenAt: Date.parse(rest.seenAt),
    receivedAt: Date.parse(rest.receivedAt),
    recordedAt: Date.parse(rest.recordedAt),
    firstSeenAt: Date.parse(rest.firstSeenAt),
    call: open,
    ...(!isDeepStrictEqual(outcomes, usualOutcomes(call)) && { outcomes }),
    ...(withheld.length > 0 && { withheld }),
    ...(silent && { silent }),
    ...(forgotten && { forgotten }),
    expiresAt: expiryAfter(rest.recordedAt, CALL_DAYS),
    ...(late && { late }),
    ...(staleAt !== null && { staleAt: Date.parse(staleAt) }),
    ...(rowPrint !== null && { rowPrint }),
    ...(raw && 'key' in raw && { rawKey: raw.key }),
  };
  const facts = {
    ...packed,
    ...(changes.length > 0 && { changes }),
    ...(via !== 'poll' && { via }),
  };
  const rawText = raw && 'inline' in raw ? raw.inline : '';
  const isEmpty = rawText === '' && Object.keys(facts).length === 0;
  const bytes = isEmpty
    ? undefined
    : packText(`${JSON.stringify(facts)}\n${rawText}`, knownOf(item));
  const size = Buffer.byteLength(JSON.stringify(item)) + (bytes?.byteLength ?? 0);
  if (size > MAX_ITEM_BYTES) throw new Error(`A call item of ${size} bytes is not written`);
  return { ...item, ...(bytes && { packed: bytes }) };
}

function parseCallItem(item: unknown): StoredCall {
  const read = callItemSchema.parse(item);
  const { pk, at: _at, n, call: open, changes, outcomes, packed, raw, rawKey, ...stored } = read;
  const text = packed && unpackText(packed, knownOf(read));
  const lineEnd = text?.indexOf('\n') ?? 0;
  const facts = packedFactsSchema.parse(text ? JSON.parse(text.slice(0, lineEnd)) : { changes });
  const rawText = raw ? unzipText(raw) : text?.slice(lineEnd + 1);
  const call = callSchema.parse({
    ...NO_CALL,
    contactNumber: n ?? null,
    attributes: {},
    ...open,
    ...facts,
    agent: { id: null, name: null, ...open.agent },
    ...callOfKey(pk),
  });
  return {
    ...stored,
    call,
    outcomes: outcomes ?? usualOutcomes(call),
    changes: facts.changes,
    via: facts.via,
    raw: rawText ? { inline: rawText } : rawKey ? { key: rawKey } : null,
  };
}

/** Drift is told once for ever, so its notice stays; a transition's is needed only until it is published. */
export function toNoticeItem(event: NoticeEvent): Record<string, unknown> {
  const expiresAt = expiryAfter(event.recordedAt, NOTICE_DAYS);
  return {
    pk: `notice#${event.id}`,
    notice: event,
    ...(event.type !== 'provider.drifted' && { expiresAt }),
  };
}

const noticeItemSchema = z.object({ notice: eventSchema });

/** What an item of the Calls table is. */
export type CallsItem = { readonly call: StoredCall } | { readonly notice: NoticeEvent };

function parseCallsItem(item: Record<string, unknown>): CallsItem {
  if (!('notice' in item)) return { call: parseCallItem(item) };
  const { notice } = noticeItemSchema.parse(item);
  if ('call' in notice) throw new Error('A notice is never about a call');
  return { notice };
}

const readOr =
  <T>(read: (item: Record<string, unknown>) => T) =>
  (item: Record<string, unknown>): T => {
    try {
      return read(item);
    } catch (error) {
      throw new UnreadableItem(item.pk, error);
    }
  };

/** @throws UnreadableItem for what `toCallItem` never wrote. */
export const fromCallItem = readOr(parseCallItem);

/** @throws UnreadableItem for an item that is neither a call nor a notice. */
export const fromCallsItem = readOr(parseCallsItem);

/** Those that can be read; what cannot is told, and left out. */
export const readableItems = (
  items: readonly Record<string, unknown>[],
  onUnreadable: OnUnreadable,
): CallsItem[] =>
  items.flatMap((item) => {
    try {
      return [fromCallsItem(item)];
    } catch (error) {
      if (!(error instanceof UnreadableItem)) throw error;
      onUnreadable(error);
      return [];
    }
  });
