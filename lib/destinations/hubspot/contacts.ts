import type { Call } from '../../calls/call.ts';
import { isOtherSide, PermanentError, TransientError } from '../../errors.ts';
import { MINUTE_MS } from '../../time.ts';
import type { HubSpot } from './hubspot.ts';
import type { HubSpotSettings } from './index.ts';
import { isE164, nationalDigits, sameNumber } from './phone.ts';
import { CONTACT_PHONE } from './schema.ts';

/** Whose call it is, by the policy of the settings. */
export type Choice =
  | { readonly contact: string | undefined }
  /** The policy is not to log such a call; a stable word says why. */
  | { readonly declined: 'no_contact' | 'several_contacts' };

/** A contact that was just created or found is not searched for again for this long. */
const REMEMBER_MS = 10 * MINUTE_MS;
const REMEMBER_AT_MOST = 5_000;

/** Contacts by account and number: search finds what was just created only after some seconds. */
const known = new Map<string, { readonly contact: string; readonly until: number }>();

function remember(key: string, contact: string): void {
  known.delete(key);
  known.set(key, { contact, until: Date.now() + REMEMBER_MS });
  const [oldest] = known.keys();
  if (known.size > REMEMBER_AT_MOST && oldest !== undefined) known.delete(oldest);
}

/** The person's number, whoever called whom; our own agent's number is never looked up. */
function numberOf({ contactNumber, direction, from, to }: Call): string | undefined {
  const number =
    contactNumber ?? (direction === 'inbound' ? from : direction === 'outbound' ? to : null);
  return number !== null && isE164(number) ? number : undefined;
}

const PHONES = ['phone', 'mobilephone'];

/**
 * Ids of the contacts with this number, in the order of the policy: those that have it in full, or,
 * if there is none, those that have it without country code. HubSpot's `hs_searchable_calculated_*`
 * hold area code and local number only, so what they find may be a number of another country.
 *
 * @see https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
 */
async function search(
  hubspot: HubSpot,
  number: string,
  many: HubSpotSettings['contacts']['many'],
): Promise<readonly string[]> {
  const national = nationalDigits(number);
  const found = await hubspot.search('contacts', {
    anyOf: [
      ['phone', number],
      ['mobilephone', number],
      ['hs_searchable_calculated_phone_number', national],
      ['hs_searchable_calculated_mobile_number', national],
    ],
    properties: PHONES,
    sort: many === 'first' ? 'createdate' : '-createdate',
  });
  const matches = found.map(({ id, properties }) => ({
    id,
    how: PHONES.map((name) => sameNumber(properties[name] ?? '', number)),
  }));
  const exact = matches.filter(({ how }) => how.includes('exact'));
  const chosen = exact.length > 0 ? exact : matches.filter(({ how }) => how.includes('local'));
  return chosen.map(({ id }) => id);
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
  [baseUrl, token, contacts.many, number].join('\n');

/** Finds the contact of a call, or creates one where the settings say so. */
export async function chooseContact(
  hubspot: HubSpot,
  settings: HubSpotSettings,
  call: Call,
): Promise<Choice> {
  const { none, many } = settings.contacts;
  const number = numberOf(call);
  if (number === undefined) {
    return none === 'skip' ? { declined: 'no_contact' } : { contact: undefined };
  }
  const key = keyFor(settings, number);
  const before = known.get(key);
  if (before !== undefined && before.until > Date.now()) return { contact: before.contact };

  const [first, ...others] = await search(hubspot, number, many);
  if (others.length > 0 && many === 'skip') return { declined: 'several_contacts' };
  if (others.length > 0 && many === 'log-unassociated') return { contact: undefined };
  if (first === undefined && none === 'skip') return { declined: 'no_contact' };
  if (first === undefined && none === 'log-unassociated') return { contact: undefined };

  const contact = first ?? (await create(hubspot, number));
  remember(key, contact);
  return { contact };
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
    const number = numberOf(call);
    const isGone = error instanceof PermanentError && error.reason === 'not_found';
    // Deleted or merged since it was found: the next attempt looks again.
    if (!isGone || number === undefined || !known.delete(keyFor(settings, number))) throw error;
    throw new TransientError('A contact is gone from HubSpot', { reason: 'contact_gone' });
  }
}
