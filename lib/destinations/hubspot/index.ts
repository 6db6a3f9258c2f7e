import * as z from 'zod';
import { secretRefSchema } from '../../config/settings.ts';
import { contactsSchema } from '../../crm/contacts.ts';
import { ownersSchema } from '../../crm/owners.ts';
import { statusOverrides } from '../../crm/status-table.ts';
import { SECOND_MS } from '../../time.ts';
import { defineDestination, destinationFields } from '../destination.ts';
import { hubspotStatuses } from './outcomes.ts';

const disposition = z.union([z.guid(), z.literal('')], {
  error: 'is not the internal value of a call outcome; write its GUID, or "" for none',
});

const owner = z.string().regex(/^\d{1,20}$/, {
  error: 'is not the id of an owner in HubSpot; write its digits in quotes, such as "41629779"',
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
  /** `hs_call_status`, where it is to be another than by default. */
  statuses: statusOverrides(z.enum(hubspotStatuses)),
  /** `hs_call_disposition`, the outcome that people see; `""` leaves it open. */
  dispositions: statusOverrides(disposition),
  owners: ownersSchema(owner).prefault({}),
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
  setup: [
    {
      name: 'hubspot',
      label: 'HubSpot, as calls of contacts',
      id: 'crm',
      questions: [
        {
          setting: 'token',
          ask: 'Where is the token of the private app?',
          secret: { variable: 'HUBSPOT_TOKEN', value: 'pat-…' },
        },
      ],
    },
  ],
  replay: 'read-back',
  // A delivery is four requests, one of them a search. Searches are limited to five a second for all
  // apps of an account together, requests to 100 in ten seconds for a private app of the smallest
  // plan: this leaves others more than half of the one and a fifth of the other.
  // https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
  pace: ({ token }) => ({ key: token, everyMs: SECOND_MS / 2 }),
});
