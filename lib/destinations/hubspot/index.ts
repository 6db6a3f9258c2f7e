import * as z from 'zod';
import { secretRefSchema } from '../../config/settings.ts';
import { SECOND_MS } from '../../time.ts';
import { defineDestination, destinationFields } from '../destination.ts';

const contactsSchema = z.strictObject({
  /** When no contact has the caller's number. `skip`: the call is not logged either. */
  none: z.enum(['log-unassociated', 'skip', 'create']).default('log-unassociated'),
  /** When several have it: the one created last, the one created first, none of them, or no log at all. */
  many: z.enum(['newest', 'first', 'log-unassociated', 'skip']).default('newest'),
});

const settingsSchema = z.strictObject({
  ...destinationFields,
  kind: z.literal('hubspot'),
  /**
   * The access token of a private app. It needs the scopes `crm.objects.contacts.read` and
   * `crm.objects.contacts.write`, and once, to create two properties of calls, `crm.schemas.contacts.write`.
   */
  token: secretRefSchema,
  contacts: contactsSchema.prefault({}),
  /** The property of HubSpot's calls that holds our identity of a call; its values must be unique. */
  property: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,99}$/, {
      error: 'is not a property name; write lower-case letters, digits and underscores',
    })
    .default('callwire_call_id'),
});
export type HubSpotSettings = z.infer<typeof settingsSchema>;

/** Call records in HubSpot, each with the contact whose number it is. */
export const hubspot = defineDestination({
  kind: 'hubspot',
  docs: 'https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide',
  audience: 'systems',
  settings: settingsSchema,
  secrets: ['token'],
  // A delivery is four requests, one of them a search. Searches are limited to five a second for all
  // apps of an account together, requests to 100 in ten seconds for a private app of the smallest
  // plan: this leaves others more than half of the one and a fifth of the other.
  // https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
  pace: ({ token }) => ({ key: token, everyMs: SECOND_MS / 2 }),
});
