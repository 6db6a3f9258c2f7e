import * as z from 'zod';
import type { Call, StatusMeaning } from '../calls/call.ts';
import type { shareableFields } from '../config/settings.ts';
import { ContractError } from '../errors.ts';
import type { WebhookScheme } from '../webhooks/scheme.ts';

/** Where a list continues: a page number, an offset or the provider's own token. */
export type Cursor = string | number;

/** What to ask a call list for. Undefined means: do not ask. */
export interface ListQuery {
  /** Undefined: the first page. */
  readonly cursor?: Cursor | undefined;
  readonly pageSize: number;
  /** Both bounds inclusive, on the provider's `list.window.field`. */
  readonly window?: { readonly from: Date; readonly to: Date } | undefined;
  /** Only calls in one of these of the provider's own words. */
  readonly statuses?: readonly string[];
}

export interface ProviderRequest {
  readonly path: string;
  /** Pairs, because some APIs repeat a name. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/**
 * What a provider says about one call, in our words but not yet interpreted: numbers as written,
 * instants in any ISO form. Absent and null both mean: it does not say.
 */
export interface CallFacts {
  readonly id: string;
  readonly providerStatus: string | null;
  /** For statuses that are derived from other facts: used when the word is in no list. */
  readonly derivedStatus?: StatusMeaning | undefined;
  readonly direction?: Call['direction'] | undefined;
  readonly channel?: string | null | undefined;
  readonly agentId?: string | null | undefined;
  readonly agentName?: string | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  /** For providers that name numbers by role. Else they follow from `direction`. */
  readonly contactNumber?: string | null | undefined;
  readonly agentNumber?: string | null | undefined;
  readonly contactId?: string | null | undefined;
  readonly createdAt?: string | null | undefined;
  readonly startedAt?: string | null | undefined;
  readonly answeredAt?: string | null | undefined;
  readonly endedAt?: string | null | undefined;
  /** The last change at the provider: an upper bound of the end where the end itself is not told. */
  readonly updatedAt?: string | null | undefined;
  readonly durationSeconds?: number | null | undefined;
  readonly summary?: string | null | undefined;
  readonly recordingUrl?: string | null | undefined;
  readonly transcriptUrl?: string | null | undefined;
  readonly attributes?: Readonly<Record<string, z.core.util.JSONType | undefined>> | undefined;
}

/** A record that our schema of it does not describe: kept, counted and told, never guessed at. */
export interface Rejected {
  /** The record's id where it could be read. */
  readonly id: string | undefined;
  /** The first field that is wrong, e.g. `callParams.userNumber`. */
  readonly field: string;
  /** What was expected there, without the value that was found. */
  readonly rule: string;
  readonly raw: unknown;
}

export interface Listed {
  readonly facts: CallFacts;
  readonly raw: unknown;
}

export interface Page {
  readonly listed: readonly Listed[];
  readonly rejected: readonly Rejected[];
  /** How many rows the page had, good or bad. */
  readonly rows: number;
  /** How many rows match the query over all pages, if the provider says. */
  readonly matching: number | undefined;
  /** Undefined: this was the last page. */
  readonly next: Cursor | undefined;
}

/** The call list, of calls in some of the provider's own words only: short, because people empty it. */
export interface WatchList {
  readonly id: string;
  readonly statuses: readonly string[];
}

/** What a webhook's body says, as far as the provider's pages describe it. */
export interface WebhookBody {
  /** False: it is about nothing that a list of calls would show. */
  readonly concernsCalls: boolean;
  /** When it was sent, in any ISO form, where it says so. */
  readonly sentAt: string | undefined;
  /** A record just as the list has it, if it carries one. */
  readonly listed: Listed | undefined;
}

/** A provider as everything outside its folder sees it. */
export interface Provider {
  readonly id: string;
  readonly docs: string;
  readonly baseUrl: string;
  /** The header that carries the key; the only place where the key goes. */
  authorize(key: string): Readonly<Record<string, string>>;
  readonly list: {
    readonly docs: string;
    readonly maxPageSize: number;
    /** What the pages say about order; what they do not say is detected at run time. */
    readonly order: 'undocumented' | 'newest-first' | 'oldest-first';
    /** What a page is asked for by: its first row, its number, or what the page before it said. */
    readonly paging: 'offset' | 'page' | 'token';
    /** The time filter: which of our fields it is on. Undefined: the list has none. */
    readonly window: { readonly field: 'createdAt' | 'startedAt' } | undefined;
    request(query: ListQuery): ProviderRequest;
    /** @throws ContractError when the body as a whole is not what the pages describe. */
    read(body: unknown, seenRows: number, cursor: Cursor | undefined): Page;
    /** Reads one row that was kept. */
    readRow(raw: unknown): Listed | Rejected;
  };
  /** Reading one call by id; undefined where no page documents it. */
  readonly detail:
    | {
        readonly docs: string;
        request(id: string): ProviderRequest;
        read(body: unknown): Listed | Rejected;
        /** Reads one record that was kept, without what was around it. */
        readRecord(raw: unknown): Listed | Rejected;
        /** True when readers of an announcement miss what only the detail has. */
        readonly enriches: boolean;
        /** True while something may still come that the provider adds after the end of a call. */
        awaits(call: Call): boolean;
      }
    | undefined;
  /** Lists of calls of any age in some words, polled on their own: what happens to a call long after its end. */
  readonly watchLists: readonly WatchList[];
  readonly webhook: {
    /** Undefined: no page describes them. */
    readonly docs: string | undefined;
    /** Undefined: no page says how they are signed, so the operator has to. */
    readonly scheme: WebhookScheme | undefined;
    /** Undefined: the body is not what the pages describe. */
    read(body: unknown): WebhookBody | undefined;
  };
  /** What each documented status word means. */
  readonly statuses: Readonly<Record<string, StatusMeaning>>;
  /** What may leave for bus and chat unless a connection says otherwise. */
  readonly share: Readonly<Record<(typeof shareableFields)[number], boolean>>;
}

/** What the author of a provider writes. */
export interface ProviderSpec<Body, Item, DetailBody, Detail, Hook> {
  readonly id: string;
  readonly docs: string;
  readonly baseUrl: string;
  readonly auth: { readonly header: string; readonly scheme?: string };
  readonly list: {
    readonly docs: string;
    readonly maxPageSize: number;
    readonly order: Provider['list']['order'];
    readonly paging: Provider['list']['paging'];
    readonly window?: { readonly field: 'createdAt' | 'startedAt' };
    request(query: ListQuery): ProviderRequest;
    /** The envelope; its rows stay unknown, so that one bad record never spoils a page. */
    readonly body: z.ZodType<Body>;
    /** For a 200 that says no: the provider's word for why, if it is one. */
    refusal?(body: NoInfer<Body>): string | undefined;
    rows(body: NoInfer<Body>): readonly unknown[];
    matching?(body: NoInfer<Body>): number | undefined;
    next(body: NoInfer<Body>, seenRows: number, cursor: Cursor | undefined): Cursor | undefined;
    readonly item: z.ZodType<Item>;
    facts(item: NoInfer<Item>): CallFacts;
  };
  readonly detail?: {
    readonly docs: string;
    readonly enriches: boolean;
    awaits?(call: Call): boolean;
    request(id: string): ProviderRequest;
    readonly body: z.ZodType<DetailBody>;
    refusal?(body: NoInfer<DetailBody>): string | undefined;
    record(body: NoInfer<DetailBody>): unknown;
    readonly item: z.ZodType<Detail>;
    facts(item: NoInfer<Detail>): CallFacts;
  };
  /** Without it: any JSON object is taken as a hint that there is news, signed as the operator says. */
  readonly webhook?: {
    readonly docs: string;
    readonly scheme?: WebhookScheme;
    readonly body: z.ZodType<Hook>;
    concernsCalls?(body: NoInfer<Hook>): boolean;
    sentAt?(body: NoInfer<Hook>): string | null | undefined;
    /** A record where there is one; what is not the whole of a list's record is none. */
    readonly record?: { at(body: NoInfer<Hook>): unknown; readonly item: z.ZodType<Item> };
  };
  readonly statuses: Readonly<Record<string, StatusMeaning>>;
  readonly watchLists?: readonly WatchList[];
  readonly share?: Partial<Provider['share']>;
}

/** An id becomes part of a key and of a path: past this length, or with half a character in it, it can be neither. */
const idSchema = z
  .string()
  .min(1)
  .max(256)
  .refine((id) => id.isWellFormed(), 'is not well-formed text');

const idOf = (raw: unknown): string | undefined =>
  z.object({ id: idSchema }).safeParse(raw).data?.id;

export const isListed = (record: Listed | Rejected): record is Listed => 'facts' in record;
const isRejected = (record: Listed | Rejected): record is Rejected => !isListed(record);

function readRecord<Item>(
  raw: unknown,
  schema: z.ZodType<Item>,
  facts: (item: Item) => CallFacts,
): Listed | Rejected {
  const reject = (issue: z.core.$ZodIssue | undefined, field: string): Rejected => ({
    id: idOf(raw),
    field: issue?.path.join('.') || field,
    rule: issue?.message ?? 'does not match',
    raw,
  });
  const parsed = schema.safeParse(raw);
  if (!parsed.success) return reject(parsed.error.issues[0], '(record)');
  let told: CallFacts;
  try {
    told = facts(parsed.data);
  } catch {
    // A value that the schema lets through and a conversion does not, such as a date beyond all dates.
    return { id: idOf(raw), field: '(record)', rule: 'cannot be converted', raw };
  }
  const id = idSchema.safeParse(told.id);
  return id.success ? { facts: told, raw } : reject(id.error.issues[0], 'id');
}

function readBody<Body>(what: string, schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ContractError(`${what}: ${issue?.path.join('.') || '(body)'}: ${issue?.message}`);
}

const anyObject = z.looseObject({});

/** Turns what an author wrote into what everybody else sees; the types of the wire end here. */
export function defineProvider<
  Body,
  Item,
  DetailBody = unknown,
  Detail = unknown,
  Hook = Record<string, unknown>,
>(spec: ProviderSpec<Body, Item, DetailBody, Detail, Hook>): Provider {
  const { id, list, detail, auth, webhook } = spec;
  const refuse = (word: string | undefined) => {
    if (word !== undefined) throw new ContractError(`${id} said no inside a 200: ${word}`);
  };
  return {
    id,
    docs: spec.docs,
    baseUrl: spec.baseUrl,
    authorize: (key) => ({ [auth.header]: auth.scheme ? `${auth.scheme} ${key}` : key }),
    list: {
      docs: list.docs,
      maxPageSize: list.maxPageSize,
      order: list.order,
      paging: list.paging,
      window: list.window,
      request: list.request,
      read: (json, seenBefore, cursor) => {
        const body = readBody(`${id} call list`, list.body, json);
        refuse(list.refusal?.(body));
        const rows = list.rows(body);
        const records = rows.map((raw) => readRecord(raw, list.item, list.facts));
        const next = list.next(body, seenBefore + rows.length, cursor);
        if (next !== undefined && next === cursor) {
          throw new ContractError(`${id} call list: the page after ${cursor} is ${next} again`);
        }
        return {
          listed: records.filter(isListed),
          rejected: records.filter(isRejected),
          rows: rows.length,
          matching: list.matching?.(body),
          next,
        };
      },
      readRow: (raw) => readRecord(raw, list.item, list.facts),
    },
    detail: detail && {
      docs: detail.docs,
      enriches: detail.enriches,
      awaits: detail.awaits ?? (() => false),
      request: detail.request,
      read: (json) => {
        const body = readBody(`${id} call`, detail.body, json);
        refuse(detail.refusal?.(body));
        return readRecord(detail.record(body), detail.item, detail.facts);
      },
      readRecord: (raw) => readRecord(raw, detail.item, detail.facts),
    },
    webhook: {
      docs: webhook?.docs,
      scheme: webhook?.scheme,
      read: (json) => {
        const isObject = anyObject.safeParse(json).success;
        if (!webhook) {
          return isObject
            ? { concernsCalls: true, sentAt: undefined, listed: undefined }
            : undefined;
        }
        const body = webhook.body.safeParse(json);
        if (!body.success) return undefined;
        const { record } = webhook;
        const read = record && readRecord(record.at(body.data), record.item, list.facts);
        return {
          concernsCalls: webhook.concernsCalls?.(body.data) ?? true,
          sentAt: webhook.sentAt?.(body.data) ?? undefined,
          listed: read && isListed(read) ? read : undefined,
        };
      },
    },
    watchLists: spec.watchLists ?? [],
    statuses: spec.statuses,
    share: {
      summary: true,
      numbers: true,
      recording: true,
      transcript: true,
      patient: true,
      ...spec.share,
    },
  };
}
