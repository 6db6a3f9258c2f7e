import type { Call } from '../../calls/call.ts';
import {
  type Choice,
  callerOf,
  decide,
  decideWithoutNumber,
  withNumber,
} from '../../crm/contacts.ts';
import { knownContacts } from '../../crm/known-contacts.ts';
import { spellingsOf } from '../../crm/number-spellings.ts';
import { PermanentError } from '../../errors.ts';
import type { SalesforceSettings } from './index.ts';
import { DuplicatesError } from './refusals.ts';
import { quoted, type Salesforce } from './salesforce.ts';

/** By org and number. */
const known = knownContacts();

interface People {
  readonly object: 'Contact' | 'Lead';
  readonly phones: readonly string[];
  /** Who of them does not count. */
  readonly and: string;
}

/** Contacts first: a lead is looked for only where there is no contact. */
const PEOPLE: readonly People[] = [
  { object: 'Contact', phones: ['Phone', 'MobilePhone', 'HomePhone', 'OtherPhone'], and: '' },
  { object: 'Lead', phones: ['Phone', 'MobilePhone'], and: ' AND IsConverted = false' },
];

const AT_MOST = 100;

/**
 * Ids of the people with this number, in the order of the policy. By query and not by search (SOSL): search
 * finds what is new only after minutes, and takes punctuation for the end of a word.
 *
 * @see https://developer.salesforce.com/docs/platform/salesforce-large-data-volumes-bp/guide/ldv-deployments-concepts-search-architecture.html
 */
async function search(
  salesforce: Salesforce,
  number: string,
  { formats, many }: SalesforceSettings['contacts'],
): Promise<readonly string[]> {
  const spellings = spellingsOf(number, formats).map(quoted).join(', ');
  for (const { object, phones, and } of PEOPLE) {
    const any = phones.map((phone) => `${phone} IN (${spellings})`).join(' OR ');
    const found = await salesforce.select({
      fields: phones,
      from: object,
      where: `(${any})${and}`,
      clauses: `ORDER BY CreatedDate ${many === 'first' ? 'ASC' : 'DESC'} LIMIT ${AT_MOST}`,
    });
    const candidates = found.map(({ id, values }) => ({
      id,
      numbers: phones.map((phone) => values[phone] ?? ''),
    }));
    const people = withNumber(candidates, number, formats);
    if (people.length > 0) return people;
  }
  return [];
}

/** A lead, once, whoever else does the same: the number is an external id of it. */
async function create(
  salesforce: Salesforce,
  { fields }: SalesforceSettings,
  number: string,
): Promise<string> {
  // What Salesforce itself writes where it wants a name that nobody knows.
  const lead = { LastName: `Caller ${number}`, Company: '[not provided]', Phone: number };
  try {
    return await salesforce.upsert('Lead', fields.phone, number, lead);
  } catch (error) {
    const [existing] = error instanceof DuplicatesError ? error.existing : [];
    if (existing !== undefined && /^00[3Q]/.test(existing)) return existing;
    // Whatever it is, it does not concern calls of people who are known.
    throw error instanceof PermanentError ? new PermanentError(error.reason, error.message) : error;
  }
}

const keyFor = ({ url, baseUrl, contacts }: SalesforceSettings, number: string): string =>
  [baseUrl ?? url, contacts.many, contacts.formats, number].join('\n');

/** Finds the contact or lead of a call, or creates a lead where the settings say so. */
export async function chooseContact(
  salesforce: Salesforce,
  settings: SalesforceSettings,
  call: Call,
): Promise<Choice> {
  const { contacts } = settings;
  const number = callerOf(call, contacts);
  if (number === undefined) return decideWithoutNumber(contacts);

  const key = keyFor(settings, number);
  const before = known.find(key);
  if (before !== undefined) return { contact: before };

  const decision = decide(await search(salesforce, number, contacts), contacts);
  const choice =
    decision === 'create' ? { contact: await create(salesforce, settings, number) } : decision;
  if ('contact' in choice && choice.contact !== undefined) known.remember(key, choice.contact);
  return choice;
}

/** @returns whether it was known from before, so that it may be worth looking again */
export function forgetContact(settings: SalesforceSettings, call: Call): boolean {
  const number = callerOf(call, settings.contacts);
  return number !== undefined && known.forget(keyFor(settings, number));
}
