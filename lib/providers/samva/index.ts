import * as z from 'zod';
import type { StatusMeaning } from '../../calls/call.ts';
import { type CallFacts, defineProvider } from '../provider.ts';

const instant = z.iso.datetime({ offset: true }).nullish();

const menuItem = z.object({ menuItemLabel: z.string().nullish() });

/** A call, alike in the list and read by its id. Only `id` is taken for granted. */
const callSchema = z.object({
  id: z.string().min(1),
  transport: z.string().nullish(),
  direction: z.string().nullish(),
  from: z.string().nullish(),
  to: z.string().nullish(),
  voiceAgentId: z.string().nullish(),
  status: z.string().nullish(),
  initiatedAt: instant,
  answeredAt: instant,
  endedAt: instant,
  createdAt: instant,
  updatedAt: instant,
  // The documented sample is negative: the schema behind the page has no minimum.
  durationSeconds: z.number().nullish(),
  transcriptUrl: z.string().nullish(),
  recordingUrl: z.string().nullish(),
  summary: z.string().nullish(),
  conversationId: z.string().nullish(),
  metadata: z
    .object({
      sttLanguage: z.string().nullish(),
      menuMatches: z.array(menuItem).nullish(),
      menuFinalSelection: menuItem.nullish(),
      bargeInCount: z.number().nullish(),
      errorCode: z.string().nullish(),
      errorMessage: z.string().nullish(),
      customFields: z.record(z.string(), z.json()).nullish(),
    })
    .nullish(),
});
type SamvaCall = z.infer<typeof callSchema>;

/** What the pages show of every call, though its value may be null. */
const WHOLE = [
  'transport',
  'direction',
  'from',
  'to',
  'status',
  'initiatedAt',
  'answeredAt',
  'endedAt',
  'createdAt',
  'updatedAt',
  'durationSeconds',
] as const;

const wholeCallSchema = callSchema.refine((call) =>
  WHOLE.every((name) => call[name] !== undefined),
);

/** What a call does before its end, in the usual words of telephony: no page lists Samva's own. */
const OPEN_WORDS = new Map<string, StatusMeaning>([
  ['queued', { status: 'queued', reason: null }],
  ['initiated', { status: 'queued', reason: null }],
  ['ringing', { status: 'ringing', reason: null }],
  ['in-progress', { status: 'in_progress', reason: null }],
  ['in_progress', { status: 'in_progress', reason: null }],
]);

/**
 * What the instants say where the word does not say how a call ended. Only an end makes a call final,
 * an error code alone does not; and once there is an end, a word such as `queued` is out of date.
 */
function derivedStatus(call: SamvaCall): StatusMeaning | undefined {
  const { status, answeredAt, endedAt, metadata } = call;
  if (endedAt) {
    if (metadata?.errorCode) return { status: 'failed', reason: 'provider.error' };
    return answeredAt
      ? { status: 'completed', reason: null }
      : { status: 'no_answer', reason: 'no_answer' };
  }
  const open = OPEN_WORDS.get(status ?? '');
  return open ?? (answeredAt ? { status: 'in_progress', reason: null } : undefined);
}

const directionOf = (word: string | null | undefined) =>
  word === 'inbound' || word === 'outbound' ? word : undefined;

/** The fields of the user's own that have a value; undefined where none has. */
function filledIn(fields: Record<string, z.core.util.JSONType> | null | undefined) {
  const filled = Object.entries(fields ?? {}).filter(([, value]) => value !== null);
  return filled.length > 0 ? Object.fromEntries(filled) : undefined;
}

const facts = (call: SamvaCall): CallFacts => ({
  id: call.id,
  providerStatus: call.status ?? null,
  derivedStatus: derivedStatus(call),
  direction: directionOf(call.direction),
  channel: call.transport === 'pstn' ? 'phone' : call.transport,
  agentId: call.voiceAgentId,
  from: call.from,
  to: call.to,
  createdAt: call.createdAt,
  startedAt: call.initiatedAt,
  answeredAt: call.answeredAt,
  endedAt: call.endedAt,
  updatedAt: call.updatedAt,
  durationSeconds: call.durationSeconds,
  summary: call.summary,
  recordingUrl: call.recordingUrl,
  transcriptUrl: call.transcriptUrl,
  attributes: attributesOf(call),
});

function attributesOf({ conversationId, metadata }: SamvaCall): CallFacts['attributes'] {
  const { bargeInCount, menuMatches, menuFinalSelection } = metadata ?? {};
  // What the person said to the menu (`matchedText`) is left where transcripts are: in the raw record.
  const matches = menuMatches?.flatMap(({ menuItemLabel }) => menuItemLabel ?? []) ?? [];
  return {
    conversationId: conversationId ?? undefined,
    language: metadata?.sttLanguage ?? undefined,
    menuMatches: matches.length > 0 ? matches : undefined,
    menuSelection: menuFinalSelection?.menuItemLabel ?? undefined,
    bargeInCount: (bargeInCount ?? -1) < 0 ? undefined : bargeInCount,
    errorCode: metadata?.errorCode ?? undefined,
    errorMessage: metadata?.errorMessage ?? undefined,
    customFields: filledIn(metadata?.customFields),
  };
}

export const samva = defineProvider({
  id: 'samva',
  docs: 'https://samva.app/docs/api-reference/voice/calls.list',
  // The voice pages say so; newer pages about other things say https://api.samva.app/v1.
  baseUrl: 'https://samva.app/api/v1',
  auth: { header: 'x-api-key' },

  list: {
    docs: 'https://samva.app/docs/api-reference/voice/calls.list',
    maxPageSize: 100,
    // Because it is asked for: the list can be sorted, and no page shows the syntax of its `filters`.
    order: 'newest-first',
    paging: 'page',
    request: ({ cursor = 1, pageSize }) => ({
      path: '/voice/calls',
      query: [
        ['page', String(cursor)],
        ['limit', String(pageSize)],
        ['sortBy', 'initiatedAt'],
        ['sortOrder', 'desc'],
      ],
    }),
    body: z.object({
      items: z.array(z.unknown()),
      pagination: z.object({ total: z.int(), totalPages: z.int() }),
    }),
    rows: ({ items }) => items,
    matching: ({ pagination }) => pagination.total,
    next: ({ items, pagination }, _seenRows, cursor) => {
      const page = Number(cursor ?? 1);
      return items.length > 0 && page < pagination.totalPages ? page + 1 : undefined;
    },
    item: callSchema,
    facts,
  },

  detail: {
    docs: 'https://samva.app/docs/api-reference/voice/calls.get',
    // It has what the list has.
    enriches: false,
    request: (id) => ({ path: `/voice/calls/${encodeURIComponent(id)}`, query: [] }),
    body: z.looseObject({ id: z.unknown() }),
    record: (body) => body,
    item: callSchema,
    facts,
  },

  webhook: {
    docs: 'https://samva.app/docs/integrations/webhooks',
    scheme: {
      kind: 'hmac',
      header: 'x-webhook-signature',
      prefix: 'sha256=',
      encoding: 'hex',
    },
    // No page shows the body of an event about calls. What is believed: if it carries the call, then in `data`.
    body: z.looseObject({ timestamp: z.string().nullish(), data: z.unknown().optional() }),
    sentAt: ({ timestamp }) => timestamp,
    record: { at: ({ data }) => data, item: wholeCallSchema },
  },

  // The words that say how a call ended, as telephony writes them; any other is derived.
  statuses: {
    completed: { status: 'completed', reason: null },
    busy: { status: 'busy', reason: 'busy' },
    'no-answer': { status: 'no_answer', reason: 'no_answer' },
    no_answer: { status: 'no_answer', reason: 'no_answer' },
    canceled: { status: 'canceled', reason: 'canceled' },
    cancelled: { status: 'canceled', reason: 'canceled' },
    failed: { status: 'failed', reason: 'provider.error' },
  },
});
