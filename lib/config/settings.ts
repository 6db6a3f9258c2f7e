import * as z from 'zod';
import { callStatusSchema, statusMeaningSchema } from '../calls/call.ts';
import { withholdable } from '../calls/withhold.ts';
import { conditionSchema } from './condition.ts';
import { duration } from './duration.ts';
import { expectTrafficSchema } from './expect-traffic.ts';

// Messages here say what is wrong and, after "; ", what to write instead: `callwire-file.ts` shows
// the two as message and fix.

const NOT_A_TIME = 'is not a time; write 2026-01-31 or 2026-01-31T09:00:00Z';

/**
 * Where a secret is kept, never the secret itself: `env:NAME` on this machine, or
 * `secret:callwire/…#key` for one key of a JSON secret in AWS Secrets Manager.
 */
export const secretRefSchema = z
  .string()
  .regex(/^(env:[A-Za-z_]\w*|secret:callwire\/[\w/+=.@-]+(#[\w.-]+)?)$/, {
    error:
      'is not a reference to a secret; never write the secret itself, write env:NAME or secret:callwire/…#name',
  });

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'is not a usable id; write lower-case letters, digits and dashes, at most 63',
});

/** Where something is reached: an http or https URL. */
export const webAddressSchema = z.url({
  protocol: /^https?$/,
  error: 'is not a web address; write it in full, such as https://example.com/hook',
  abort: true,
});

/** What of a call a connection may keep from bus and chat. Attributes are what routes ask for: they stay. */
export const shareableFields = withholdable.filter((group) => group !== 'attributes');

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, {
    error: 'is not the name of a header; write one such as X-Webhook-Signature',
  })
  .transform((name) => name.toLowerCase());

/** Takes the provider's webhooks. Without a `scheme` it is the one that the provider's pages describe. */
const webhookSchema = z
  .strictObject({
    /** One, or two while one replaces the other. */
    // Not by `min` and `max`, which count the letters of what is no list as well.
    secrets: z.array(secretRefSchema).refine(({ length }) => length === 1 || length === 2, {
      error: 'has to name one secret or two; write the old one and the new one while they change',
    }),
    scheme: z
      .enum(['bearer', 'hmac'], { error: 'is not a scheme; write bearer or hmac' })
      .optional(),
    /** Where the signature is, or the secret itself; `authorization` where a bearer's is not written. */
    header: headerName.optional(),
    /** Of an hmac: what stands before the signature. */
    prefix: z.string().optional(),
    encoding: z
      .enum(['hex', 'base64'], { error: 'is not an encoding; write hex or base64' })
      .optional(),
    /** Of an hmac: the header with the epoch seconds that are signed before the body. */
    timestampHeader: headerName.optional(),
  })
  .superRefine(({ scheme, header, ...ofHmac }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (scheme === 'hmac' && header === undefined) {
      refuse('scheme', 'has no header; write header: <the one with the signature>');
    }
    if (scheme === undefined && header !== undefined) {
      refuse('header', 'belongs to a scheme; write scheme: hmac or scheme: bearer with it');
    }
    for (const name of ['prefix', 'encoding', 'timestampHeader'] as const) {
      if (scheme !== 'hmac' && ofHmac[name] !== undefined) {
        refuse(name, 'belongs to an hmac; write scheme: hmac with it');
      }
    }
  });
export type WebhookSettings = z.infer<typeof webhookSchema>;

export const connectionSchema = z.strictObject({
  /** Part of every call's identity: stable for ever. */
  id,
  provider: z.string(),
  key: secretRefSchema,
  poll: z
    .strictObject({
      /** The shortest wait between two polls. */
      every: duration({ min: '1s', max: '24h' }).default(30_000),
      /** The longest; 60 times `every` where it is not written. */
      max: duration({ min: '1s', max: '24h' }).optional(),
      /** How much delay, added up over calls, is worth one request; 2.25 times `every` where it is not written. */
      patience: duration({ min: '1s', max: '24h' }).optional(),
      /** How far apart the requests of sweeps and backfills are; what they leave is hot polling's. */
      background: duration({ min: '100ms', max: '1h' }).default(2_000),
    })
    .refine(({ every, max }) => max === undefined || every <= max, {
      path: ['max'],
      error: 'is shorter than every (30s where it is not written); write a max of at least every',
    })
    .default({ every: 30_000, background: 2_000 }),
  firstRun: z
    .union([
      z.literal('baseline'),
      z.literal('all'),
      z.strictObject({
        since: z.union([z.iso.datetime({ offset: true, error: NOT_A_TIME }), z.iso.date()]),
      }),
    ])
    .default('baseline'),
  /** ISO country for numbers written without a country code. */
  phoneRegion: z
    .string()
    .regex(/^[A-Z]{2}$/, {
      error: 'is not a country; write its two-letter ISO code in capitals, such as SA',
    })
    .optional(),
  baseUrl: webAddressSchema.optional(),
  /** The provider's words, mapped otherwise than by default. */
  statusOverrides: z
    .record(
      z.string(),
      z.union([
        callStatusSchema.transform((status) => ({ status, reason: null })),
        statusMeaningSchema,
      ]),
    )
    .default({}),
  /** An open call older than this is announced as `call.stale`. */
  maxCallAge: duration({ min: '1m', max: '30d' }).default(86_400_000),
  /** A call first seen longer than this after its end is stored silently. */
  announceWithin: duration({ min: '1m', max: '365d' }).default(604_800_000),
  /** A connection without a new call for longer is failing: it is `silent`. */
  expectTraffic: expectTrafficSchema.optional(),
  /** A connection that has not read its whole list for longer is failing: it is `lagging`. */
  maxLag: duration({ min: '1s', max: '24h' }).default(300_000),
  /** Overrides the provider's default of what may leave for bus and chat. */
  share: z.partialRecord(z.enum(shareableFields), z.boolean()).default({}),
  /** Link template for people; `{id}` becomes the call's id. */
  callUrl: z
    .string()
    .includes('{id}', { error: 'has no place for the call; write {id} where the call id belongs' })
    .optional(),
  maxRequestsPerDay: z.int().positive().optional(),
  webhook: webhookSchema.optional(),
});
export type ConnectionSettings = z.infer<typeof connectionSchema>;

/** What every destination has; the rest is its kind's own. */
export const destinationBaseSchema = z.looseObject({ id, kind: z.string() });
export type DestinationSettings = z.infer<typeof destinationBaseSchema>;

export const routeSchema = z.strictObject({
  id,
  /** Without it a route takes every event. */
  when: conditionSchema.default({}),
  /** Destination ids. Empty: matching events go nowhere, on purpose. */
  to: z.array(z.string()),
  /** Go on to later routes after this one matched. */
  continue: z.boolean().default(false),
});
export type Route = z.infer<typeof routeSchema>;
