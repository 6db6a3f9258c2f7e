import * as z from 'zod';
import { outcomeSchema } from '../calls/call.ts';
import { isPlace } from '../records/part-of-calls.ts';
import { addMs, DAY_MS, HOUR_MS } from '../time.ts';

/** Something that was asked for in a way that has no answer; the message says what to ask instead. */
export class QuestionError extends Error {
  override name = 'QuestionError';
}

const RANGES_MS = { '1h': HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;

/** Longer than this nothing is listed at once: each day of each connection costs a read, also an empty one. */
const MAX_SPAN_MS = 400 * DAY_MS;

const instant = z.coerce
  .date({ error: 'is not a time; write 2026-01-31 or 2026-01-31T09:00:00Z' })
  .optional();

const rangeSchema = z.object({
  connection: z.string().optional(),
  range: z
    .enum(['1h', '24h', '7d', '30d'], { error: 'is no range; write 1h, 24h, 7d or 30d' })
    .default('24h'),
  from: instant,
  to: instant,
});

const numberSchema = z
  .string()
  // As people write and paste them.
  .transform((text) => text.replaceAll(/[\s().-]/g, '').replace(/^00/, '+'))
  .pipe(
    z.string().regex(/^\+[1-9]\d{6,14}$/, {
      error: 'is not a whole number; write it with its country code, such as +966501234567',
    }),
  );

const callsSchema = rangeSchema.extend({
  outcome: outcomeSchema.optional(),
  reason: z.string().optional(),
  number: numberSchema.optional(),
  after: z.string().refine(isPlace, { error: 'is no place in a list' }).optional(),
  numbers: z.enum(['full']).optional(),
});

const callSchema = z.object({
  connection: z.string(),
  id: z.string(),
  numbers: z.enum(['full']).optional(),
});

const connectionSchema = z.object({ id: z.string() });

/** What is left empty is not asked for. */
function read<T>(schema: z.ZodType<T>, asked: URLSearchParams): T {
  const { success, data, error } = schema.safeParse(
    Object.fromEntries([...asked].filter(([, value]) => value !== '')),
  );
  if (success) return data;
  const [issue] = error.issues;
  throw new QuestionError(`${issue?.path.join('.') ?? 'It'} ${issue?.message ?? 'is wrong'}.`);
}

/** The range that is asked for: of these times, or up to now. */
function spanOf({ range, from, to = undefined }: z.infer<typeof rangeSchema>, now: Date) {
  // A call that begins this very moment is in it.
  const end = to ?? addMs(now, 1_000);
  const begin = from ?? addMs(end, -RANGES_MS[range]);
  if (begin >= end) throw new QuestionError('from is not before to: nothing lies in between.');
  if (end.getTime() - begin.getTime() > MAX_SPAN_MS) {
    throw new QuestionError('from and to are more than 400 days apart; look at less at once.');
  }
  return { from: begin, to: end };
}

export function readRange(asked: URLSearchParams, now: Date) {
  const question = read(rangeSchema, asked);
  return { connection: question.connection, ...spanOf(question, now) };
}

export function readCallsQuestion(asked: URLSearchParams, now: Date) {
  const { range, from, to, numbers, ...question } = read(callsSchema, asked);
  return {
    ...question,
    ...spanOf({ range, from, to, connection: undefined }, now),
    reveal: numbers === 'full',
  };
}

export function readCallQuestion(asked: URLSearchParams) {
  const { numbers, ...key } = read(callSchema, asked);
  return { ...key, reveal: numbers === 'full' };
}

export const readIdQuestion = (asked: URLSearchParams): string => read(connectionSchema, asked).id;
