import * as z from 'zod';
import { secretRefSchema, webAddressSchema } from '../../config/settings.ts';
import { contactsSchema } from '../../crm/contacts.ts';
import { ownersSchema } from '../../crm/owners.ts';
import { statusOverrides } from '../../crm/status-table.ts';
import { defineDestination, destinationFields } from '../destination.ts';

const field = z.string().regex(/^[A-Za-z]\w{0,76}__c$/, {
  error:
    'is not the API name of a custom field; write it as Setup shows it, such as Callwire_Call_Id__c',
});

/** Fields that somebody has to create once: the README says how. */
const fieldsSchema = z.strictObject({
  /** On activities: Text, unique, an external id. It identifies a call. */
  callId: field.default('Callwire_Call_Id__c'),
  /** On activities: Text of 255. It remembers what Callwire wrote. */
  written: field.default('Callwire_Written__c'),
  /** On leads, for `contacts.none: create` only: Text, unique, an external id. */
  phone: field.default('Callwire_Phone__c'),
});

/** A user's id, or a queue's. */
const owner = z.string().regex(/^(005|00G)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/, {
  error: 'is not the id of a user or queue in Salesforce; write its 15 or 18 characters',
});
const anything = z.string().regex(/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/, {
  error: 'is not the id of a record in Salesforce; write its 15 or 18 characters',
});

const HOW_TO_LOG_IN =
  'says no single way to log in; write either clientSecret, or username and privateKey';

const settingsSchema = z
  .strictObject({
    ...destinationFields,
    kind: z.literal('salesforce'),
    /** The org's own address (My Domain). `baseUrl` takes its place. */
    url: webAddressSchema.refine((address) => new URL(address).protocol === 'https:', {
      error: 'is not encrypted; write an address with https://',
    }),
    /** The consumer key of an external client app. */
    clientId: z.string().regex(/^[\w.]{10,255}$/, {
      error: 'is not a consumer key; copy it from the external client app',
    }),
    /** Client credentials flow: the app runs as the user that its policies name. */
    clientSecret: secretRefSchema.optional(),
    /** JWT bearer flow: whom the app acts for, and the key whose certificate it knows, as PEM. */
    username: z.string().min(3).optional(),
    privateKey: secretRefSchema.optional(),
    contacts: contactsSchema.prefault({}),
    /** `Status` of the task, where it is to be another than by default. */
    statuses: statusOverrides(z.string().min(1).max(255)),
    /** `CallDisposition`, the call result that people see; `""` leaves it open. */
    dispositions: statusOverrides(z.string().max(255)),
    /** `OwnerId`: a user or queue; where none is written, the user that Callwire runs as. */
    owners: ownersSchema(owner).prefault({}),
    /** `WhatId`: what calls are about, such as a campaign, by agent or connection. Not for leads: Salesforce forbids it. */
    related: ownersSchema(anything).prefault({}),
    fields: fieldsSchema.prefault({}),
  })
  .superRefine(({ clientSecret, username, privateKey }, context) => {
    const [byJwt, half] = [username && privateKey, username || privateKey];
    if (clientSecret === undefined ? byJwt : !half) return;
    context.addIssue({ code: 'custom', path: ['clientSecret'], message: HOW_TO_LOG_IN });
  });
export type SalesforceSettings = z.infer<typeof settingsSchema>;

/** Calls as completed tasks in Salesforce, each with the contact or lead whose number it is. */
export const salesforce = defineDestination({
  kind: 'salesforce',
  docs: 'https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html',
  audience: 'systems',
  replay: 'read-back',
  settings: settingsSchema,
  secrets: ['clientSecret', 'privateKey'],
  setup: [
    {
      name: 'salesforce',
      label: 'Salesforce, as tasks (client credentials flow)',
      id: 'sales',
      questions: [
        {
          setting: 'url',
          ask: "What is the org's address (My Domain)?",
          example: 'https://acme.my.salesforce.com',
        },
        {
          setting: 'clientId',
          ask: 'What is the consumer key of the external client app?',
          example: '3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC',
        },
        {
          setting: 'clientSecret',
          ask: 'Where is its consumer secret?',
          secret: { variable: 'SALESFORCE_SECRET', value: '…' },
        },
      ],
    },
  ],
  // Ours: Salesforce limits requests per day, and a delivery is three or four of them; this keeps a
  // backlog from writing to the tasks of one account all at once, which ends in row locks.
  // https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html
  pace: ({ url, baseUrl = url }) => ({ key: baseUrl, everyMs: 200 }),
});
