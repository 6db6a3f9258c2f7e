import * as z from 'zod';
import { secretRefSchema, webAddressSchema } from '../../config/settings.ts';
import { reachOf } from '../../public-address.ts';
import { SECOND_MS } from '../../time.ts';
import { defineDestination, destinationFields } from '../destination.ts';

/**
 * What is wrong with an address as it is written, and what to write instead; undefined: nothing. What
 * a name leads to shows only when it is connected to (`guarded-lookup.ts`).
 */
export function problemWith(url: URL, allowLoopback: boolean): string | undefined {
  if (url.username !== '' || url.password !== '') {
    return 'holds a user name or password; leave it out: events are signed with the secret';
  }
  // Whatever way an IPv4 address was written in (0x7f.1, 2130706433), here it is in its usual form.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const reach = host === 'localhost' ? 'machine' : reachOf(host);
  if (reach === 'machine') {
    if (allowLoopback) return undefined;
    return 'is on this machine; write an address on the internet, or allowLoopback: true for a local run';
  }
  if (url.protocol !== 'https:') return 'is not encrypted; write an address with https://';
  if (reach !== 'special') return undefined;
  return 'is not on the internet; write an address that anybody could reach';
}

const settingsSchema = z
  .strictObject({
    ...destinationFields,
    kind: z.literal('webhook'),
    /** Where events are posted. `baseUrl` replaces the part before its path. */
    url: webAddressSchema,
    /** `whsec_` and 24 to 64 random bytes in base64; two of them, with a space between, while the old one is replaced. */
    secret: secretRefSchema,
    /** The one before, while its receiver may not know the new one yet: events are signed with both. */
    previousSecret: secretRefSchema.optional(),
    /** How many events a second are posted at most, over all workers together. */
    perSecond: z.number().min(0.1).max(1_000).default(20),
    /** For local runs: the receiver may be on this machine, and then without encryption. */
    allowLoopback: z.boolean().default(false),
  })
  .superRefine((settings, context) => {
    for (const name of ['url', 'baseUrl'] as const) {
      const address = settings[name];
      const message = address && problemWith(new URL(address), settings.allowLoopback);
      if (message) context.addIssue({ code: 'custom', path: [name], message });
    }
  });
export type WebhookSettings = z.infer<typeof settingsSchema>;

/** Events as they are on the bus (`detail`), posted and signed the way of Standard Webhooks. */
export const webhook = defineDestination({
  kind: 'webhook',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  audience: 'systems',
  settings: settingsSchema,
  secrets: ['secret', 'previousSecret'],
  setup: [
    {
      name: 'webhook',
      label: 'A system of your own, by signed webhooks',
      id: 'own',
      questions: [
        { setting: 'url', ask: 'Where are events posted?', example: 'https://example.com/hook' },
        {
          setting: 'secret',
          ask: 'Where is the secret that signs them?',
          secret: { variable: 'HOOK_SECRET', value: '"whsec_$(openssl rand -base64 32)"' },
        },
      ],
    },
  ],
  // A burst is no flood, and whoever is told to wait (`Retry-After`) makes all others wait as well.
  pace: ({ id, perSecond }) => ({ key: id, everyMs: Math.ceil(SECOND_MS / perSecond) }),
});
