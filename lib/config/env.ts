import * as z from 'zod';
import { LOG_LEVELS } from '../log.ts';

/**
 * The environment of each function, as infra must write it (`satisfies`) and the function reads it
 * (`parse`): a variable that one side forgets is a compile error or a failing template test.
 */

const tableName = z.string().min(1);

/** A JSON object of the kinds of destinations and the addresses of their queues. */
const queueUrlsByKind = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.url()));

export const dispatchEnvSchema = z.object({
  CONTROL_TABLE: tableName,
  POLL_QUEUE_URL: z.url(),
  SWEEP_QUEUE_URL: z.url(),
});
export type DispatchEnv = z.input<typeof dispatchEnvSchema>;

export const pollEnvSchema = z.object({
  CALLS_TABLE: tableName,
  CONTROL_TABLE: tableName,
  RAW_BUCKET: z.string().min(1),
  /** `debug` shows the polls that found nothing as well: the local system counts them. */
  LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
});
export type PollEnv = z.input<typeof pollEnvSchema>;

export const sweepEnvSchema = pollEnvSchema.extend({
  SWEEP_QUEUE_URL: z.url(),
  /** For the receipts of what sweeps are shown, which they only read. */
  DELIVERIES_TABLE: tableName,
});
export type SweepEnv = z.input<typeof sweepEnvSchema>;

export const webhookEnvSchema = pollEnvSchema.extend({
  POLL_QUEUE_URL: z.url(),
  /** What the paths of webhooks are made of. No secret: it keeps out noise only. */
  DEPLOYMENT: z.string().min(1),
});
export type WebhookEnv = z.input<typeof webhookEnvSchema>;

export const publishEnvSchema = z.object({ BUS_NAME: z.string().min(1) });
export type PublishEnv = z.input<typeof publishEnvSchema>;

export const republishEnvSchema = z.object({ CALLS_TABLE: tableName, BUS_NAME: z.string().min(1) });
export type RepublishEnv = z.input<typeof republishEnvSchema>;

export const canaryEnvSchema = z.object({
  CALLS_TABLE: tableName,
  CONTROL_TABLE: tableName,
  DELIVERIES_TABLE: tableName,
});
export type CanaryEnv = z.input<typeof canaryEnvSchema>;

export const mendEnvSchema = canaryEnvSchema.extend({ BUS_NAME: z.string().min(1) });
export type MendEnv = z.input<typeof mendEnvSchema>;

export const routeEnvSchema = z.object({
  CONTROL_TABLE: tableName,
  DELIVER_QUEUES: queueUrlsByKind,
});
export type RouteEnv = z.input<typeof routeEnvSchema>;

export const deliverEnvSchema = z.object({
  CONTROL_TABLE: tableName,
  DELIVERIES_TABLE: tableName,
  /** Its own kind's, for deliveries that wait, and the others', for fallbacks. */
  DELIVER_QUEUES: queueUrlsByKind,
});
export type DeliverEnv = z.input<typeof deliverEnvSchema>;

export const resumeEnvSchema = deliverEnvSchema.extend({
  /** For notices about destinations, and nothing else. */
  CALLS_TABLE: tableName,
});
export type ResumeEnv = z.input<typeof resumeEnvSchema>;
