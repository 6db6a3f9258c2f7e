import type { Call } from '../../calls/call.ts';
import {
  type Choice,
  callerOf,
  decide,
  decideWithoutNumber,
  withNumber,
} from '../../crm/contacts.ts';
import { knownContacts } from '../../crm/known-contacts.ts';
import { nationalDigits } from '../../crm/phone.ts';
import { isOtherSide, PermanentError, TransientError } from '../../errors.ts';
import type { HubSpot } from './hubspot.ts';
import type { HubSpotSettings } from './index.ts';
import { CONTACT_PHONE } from './schema.ts';

/** By account and number. */
const known = knownContacts();

const PHONES = ['phone', 'mobilephone'];

/**
 * Ids of the contacts with this number, in the order of the policy. HubSpot's `hs_searchable_calculated_*`
 * hold area code and local number only, so what they find may be a number of another country.
 *
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
 */
async function search(
  hubspot: HubSpot,
  number: string,
  { many, formats }: HubSpotSettings['contacts'],
): Promise<readonly string[]> {
  const national = nationalDigits(number);
  const found = await hubspot.search('contacts', {
    anyOf: [
      ['phone', [number, number.slice(1)]],
      ['mobilephone', [number, number.slice(1)]],
      ['hs_searchable_calculated_phone_number', [national]],
      ['hs_searchable_calculated_mobile_number', [national]],
    ],
    properties: PHONES,
    sort: many === 'first' ? 'createdate' : '-createdate',
  });
  const candidates = found.map(({ id, properties }) => ({
    id,
    numbers: PHONES.map((name) => properties[name] ?? ''),
  }));
  return withNumber(candidates, number, formats);
}

/** With these words HubSpot refuses a second object with the value of a unique property. */
const MAY_EXIST: ReadonlySet<string> = new Set(['conflict', 'properties_refused', 'property_new']);

/** Creates it once, whoever else does the same: the number is a unique property of it. */
async function create(hubspot: HubSpot, number: string): Promise<string> {
  try {
    const { id } = await hubspot.create('contacts', {
      phone: number,
      // HubSpot wants a name or an e-mail address.
      firstname: 'Caller',
      lastname: number,
      [CONTACT_PHONE]: number,
    });
    return id;
  } catch (error) {
    if (!isOtherSide(error) || !MAY_EXIST.has(error.reason)) throw error;
    const other = await hubspot.read('contacts', number, CONTACT_PHONE, []);
    if (other === undefined) throw error;
    return other.id;
  }
}

const keyFor = ({ baseUrl, token, contacts }: HubSpotSettings, number: string): string =>
  [baseUrl, token, contacts.many, contacts.formats, number].join('\n');

/** Finds the contact of a call, or creates one where the settings say so. */
export async function chooseContact(
  hubspot: HubSpot,
  settings: HubSpotSettings,
  call: Call,
): Promise<Choice> {
  const { contacts } = settings;
  const number = callerOf(call, contacts);
  if (number === undefined) return decideWithoutNumber(contacts);

  const key = keyFor(settings, number);
  const before = known.find(key);
  if (before !== undefined) return { contact: before };

  const decision = decide(await search(hubspot, number, contacts), contacts);
  const choice = decision === 'create' ? { contact: await create(hubspot, number) } : decision;
  if ('contact' in choice && choice.contact !== undefined) known.remember(key, choice.contact);
  return choice;
}

/** Ties a call to its contact; tied already, nothing happens. */
export async function associate(
  hubspot: HubSpot,
  settings: HubSpotSettings,
  call: Call,
  record: string,
  contact: string,
): Promise<void> {
  try {
    await hubspot.associate(record, contact);
  } catch (error) {
    const number = callerOf(call, settings.contacts);
    const isGone = error instanceof PermanentError && error.reason === 'not_found';
    // Deleted or merged since it was found: the next attempt looks again.
    if (!isGone || number === undefined || !known.forget(keyFor(settings, number))) throw error;
    throw new TransientError('A contact is gone from HubSpot', { reason: 'contact_gone' });
  }
}
