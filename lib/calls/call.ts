import * as z from 'zod';

/**
 * So long after it was written last a call is let go, and its raw records with it: longer than any poll or
 * sweep looks back, and not longer than who was told of it is known.
 */
export const CALL_DAYS = 396;

/** Where a call stands, in the words every part shares. `open` ones come first. */
export const callStatusSchema = z.enum([
  'queued',
  'ringing',
  'in_progress',
  'completed',
  'transferred',
  'no_answer',
  'busy',
  'canceled',
  'failed',
  'unknown',
]);
export type CallStatus = z.infer<typeof callStatusSchema>;

/**
 * What became of a call. `completed`: a conversation took place and ended. `failed`: it did not, and
 * `reason` says why. Both are final: a final call never becomes open again.
 */
export const outcomeSchema = z.enum(['open', 'completed', 'failed']);
export type Outcome = z.infer<typeof outcomeSchema>;
export type FinalOutcome = Exclude<Outcome, 'open'>;

const text = z.string().nullable();
const instant = z.iso.datetime().nullable();
// Registered as it is: a copy with a name would refer to the nameless one.
const anyJson = z.json().register(z.globalRegistry, { id: 'Json' });

/**
 * One call, normalized. What a provider does not say is null; numbers are E.164 where they can be.
 * What a field is stands in `describe`: it becomes part of the public contract (lib/contract).
 */
export const callSchema = z
  .object({
    connection: z
      .string()
      .min(1)
      .describe('The account at a provider; it and id together are the identity of a call.'),
    provider: z.string().min(1),
    id: z.string().min(1).describe('The id that the provider gave the call.'),
    outcome: outcomeSchema.describe(
      'completed: a conversation took place and ended. failed: it did not. Both are final.',
    ),
    status: callStatusSchema,
    reason: text.describe(
      'Why a call failed: dotted and stable, such as no_answer or provider.error.',
    ),
    providerStatus: text.describe('The word of the provider for the status.'),
    direction: z.enum(['inbound', 'outbound']).nullable(),
    channel: text,
    agent: z.object({ id: text, name: text }).describe('The voice agent.'),
    from: text,
    to: text,
    contactNumber: text.describe(
      'The number of the person, whoever called whom. Known even where the direction is not.',
    ),
    agentNumber: text.describe('The number of the agent, whoever called whom.'),
    contactId: text.describe('The person, as the provider names them.'),
    createdAt: instant,
    startedAt: instant,
    answeredAt: instant,
    endedAt: instant,
    durationSeconds: z.number().nonnegative().nullable(),
    summary: text.describe('Cut at 4 KB.'),
    recordingUrl: text,
    transcriptUrl: text,
    url: text.describe('A page about this call for people.'),
    attributes: z
      .record(z.string(), anyJson)
      .describe('Facts that only this provider has, such as title or leadQualification.'),
  })
  .meta({ id: 'Call' });
export type Call = z.infer<typeof callSchema>;

/** The identity of a call. */
export type CallKey = Pick<Call, 'connection' | 'id'>;

export const isFinal = ({ outcome }: Pick<Call, 'outcome'>): boolean => outcome !== 'open';

const OUTCOMES: Readonly<Record<CallStatus, Outcome>> = {
  queued: 'open',
  ringing: 'open',
  in_progress: 'open',
  completed: 'completed',
  transferred: 'completed',
  no_answer: 'failed',
  busy: 'failed',
  canceled: 'failed',
  failed: 'failed',
  unknown: 'open',
};

/** The reason of a failed status that carries none of its own. */
const REASONS: Partial<Record<CallStatus, string>> = {
  no_answer: 'no_answer',
  busy: 'busy',
  canceled: 'canceled',
  failed: 'provider.error',
};

/** What a provider's status word means: a status, with a reason where the status alone does not say it. */
export const statusMeaningSchema = z.object({
  status: callStatusSchema,
  reason: z.string().nullable().default(null),
});
export type StatusMeaning = z.infer<typeof statusMeaningSchema>;

/**
 * Outcome and reason of a status. A word that nobody has met is never guessed to be a failure: the
 * call stays open, unless an end time shows that it is over.
 */
export function conclude(
  { status, reason }: StatusMeaning,
  endedAt: string | null,
): Pick<Call, 'outcome' | 'status' | 'reason'> {
  const isOver = status === 'unknown' && endedAt !== null;
  const outcome = isOver ? 'completed' : OUTCOMES[status];
  return {
    outcome,
    status,
    reason: outcome === 'failed' ? (reason ?? REASONS[status] ?? null) : null,
  };
}
