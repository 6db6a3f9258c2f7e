import * as z from 'zod';
import { defineProvider } from '../provider.ts';

/** `success` decides what else the envelope holds; the pages name no envelope for a refusal. */
const envelope = <Data extends z.ZodType>(data: Data) =>
  z.discriminatedUnion('success', [
    z.object({ success: z.literal(true), data }),
    z.object({ success: z.literal(false) }),
  ]);

/** Our word, not the envelope's message: that one is free text and may quote what was sent. */
const refusal = ({ success }: { success: boolean }) => (success ? undefined : 'success is false');

/** "Telephone" in the list and "TELEPHONE" in the detail are one thing; other channels keep their word. */
const channelOf = (channelType: string | null | undefined) => {
  const word = channelType?.toLowerCase();
  return word === 'telephone' ? 'phone' : word;
};

const callParams = z.object({
  machineNumber: z.string().nullish(),
  userNumber: z.string().nullish(),
});

/** A free object that is empty says nothing. */
const meaningful = (value: z.core.util.JSONType | undefined) =>
  value !== null && typeof value === 'object' && Object.keys(value).length === 0
    ? undefined
    : value;

export const hamsa = defineProvider({
  id: 'hamsa',
  docs: 'https://docs.tryhamsa.com/api-reference/endpoint/list-minimal-calls',
  baseUrl: 'https://api.tryhamsa.com',
  // "You need to put Token keyword before the API key": not Bearer.
  auth: { header: 'authorization', scheme: 'Token' },

  list: {
    docs: 'https://docs.tryhamsa.com/api-reference/endpoint/list-minimal-calls',
    maxPageSize: 200,
    order: 'undocumented',
    paging: 'page',
    window: { field: 'createdAt' },
    request: ({ cursor = 1, pageSize, window, statuses = [] }) => ({
      path: '/v1/voice-agents/conversations/minimal-list',
      query: [
        ['page', String(cursor)],
        ['perPage', String(pageSize)],
        // Both bounds are inclusive, UTC epoch milliseconds, on createdAt.
        ...(window
          ? ([
              ['startTime', String(window.from.getTime())],
              ['endTime', String(window.to.getTime())],
            ] as const)
          : []),
        ...statuses.map((status) => ['status', status] as const),
      ],
    }),
    body: envelope(z.object({ total: z.int(), filtered: z.int(), calls: z.array(z.unknown()) })),
    refusal,
    rows: (body) => (body.success ? body.data.calls : []),
    matching: (body) => (body.success ? body.data.filtered : undefined),
    next: (body, seenRows, cursor) =>
      body.success && body.data.calls.length > 0 && seenRows < body.data.filtered
        ? Number(cursor ?? 1) + 1
        : undefined,

    item: z.object({
      id: z.string().min(1),
      createdAt: z.iso.datetime({ offset: true }),
      status: z.string().min(1),
      voiceAgentId: z.string().nullish(),
      agentName: z.string().nullish(),
      // Unit not stated; the samples (35, 125) read as seconds.
      duration: z.number().nonnegative().nullish(),
      channelType: z.string().nullish(),
      callParams: callParams.nullish(),
    }),
    facts: (item) => ({
      id: item.id,
      providerStatus: item.status,
      channel: channelOf(item.channelType),
      agentId: item.voiceAgentId,
      agentName: item.agentName,
      contactNumber: item.callParams?.userNumber,
      agentNumber: item.callParams?.machineNumber,
      createdAt: item.createdAt,
      durationSeconds: item.duration,
    }),
  },

  detail: {
    docs: 'https://docs.tryhamsa.com/api-reference/endpoint/get-conversation',
    // Recording, analysis and title are in no list.
    enriches: true,
    // Not documented: recording and analysis are set some time after the end.
    awaits: ({ outcome, recordingUrl, attributes: { analysis } }) =>
      outcome === 'completed' && (recordingUrl === null || analysis === undefined),
    // Singular `conversation`, unlike the list.
    request: (id) => ({
      path: `/v1/voice-agents/conversation/${encodeURIComponent(id)}`,
      query: [],
    }),
    body: envelope(z.unknown()),
    refusal,
    record: (body) => (body.success ? body.data : undefined),
    item: z.object({
      id: z.string().min(1),
      status: z.string().min(1),
      createdAt: z.iso.datetime({ offset: true }),
      updatedAt: z.iso.datetime({ offset: true }).nullish(),
      voiceAgentId: z.string().nullish(),
      title: z.string().nullish(),
      mediaUrl: z.string().nullish(),
      callDuration: z.number().nonnegative().nullish(),
      channelType: z.string().nullish(),
      callParams: callParams.nullish(),
      model: z.string().nullish(),
      type: z.string().nullish(),
      processingType: z.string().nullish(),
      callAnalysis: z.json().nullish(),
    }),
    facts: (item) => ({
      id: item.id,
      providerStatus: item.status,
      channel: channelOf(item.channelType),
      agentId: item.voiceAgentId,
      contactNumber: item.callParams?.userNumber,
      agentNumber: item.callParams?.machineNumber,
      createdAt: item.createdAt,
      updatedAt: item.updatedAt,
      durationSeconds: item.callDuration,
      recordingUrl: item.mediaUrl,
      attributes: {
        title: item.title ?? undefined,
        model: item.model ?? undefined,
        type: item.type ?? undefined,
        processingType: item.processingType ?? undefined,
        analysis: meaningful(item.callAnalysis ?? undefined),
      },
    }),
  },

  webhook: {
    docs: 'https://docs.tryhamsa.com/overview/features/webhooks',
    // Not signed: the header carries what was entered as the agent's `authSecret`.
    scheme: { kind: 'bearer', header: 'authorization' },
    body: z.object({
      eventType: z.string(),
      callId: z.string(),
      timestamp: z.string().nullish(),
    }),
    // Others tell of what is said while a call goes on, many times a minute.
    concernsCalls: ({ eventType }) =>
      !['transcription.update', 'tool.executed'].includes(eventType),
    sentAt: ({ timestamp }) => timestamp,
    // No record: `call.ended` names no status, and no page says which of its ids is the list's.
  },

  statuses: {
    PENDING: { status: 'queued', reason: null },
    IN_PROGRESS: { status: 'in_progress', reason: null },
    COMPLETED: { status: 'completed', reason: null },
    FORWARDED: { status: 'transferred', reason: null },
    NO_ANSWER: { status: 'no_answer', reason: 'no_answer' },
    FAILED: { status: 'failed', reason: 'provider.error' },
    TERMINATED: { status: 'failed', reason: 'terminated' },
  },
});
