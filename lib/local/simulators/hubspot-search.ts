import { type HubSpotRecord, objectAnswer } from './hubspot-objects.ts';
import type { HubSpotObjectType, HubSpotSchema } from './hubspot-properties.ts';
import { invalid } from './hubspot-request.ts';
import { isObject, type Json } from './json.ts';

const MAX_GROUPS = 5;
const MAX_FILTERS = 6;
const MAX_LIMIT = 200;
const MAX_VALUES = 100;

/** Country codes of the callers that the simulators know; all others are taken for three digits. */
const COUNTRY_CODE = /^(1|7|2[07]|3\d|4\d|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** Area code and local number only, as HubSpot standardizes what somebody typed. */
export function searchableNumber(typed: string | undefined): string {
  const text = (typed ?? '').replace(/\s*(?:ext|x|[,;#/]).*$/is, '').replace('(0)', '');
  const digits = text.replace(/\D/g, '');
  if (/^\s*(\+|00)/.test(text)) return digits.replace(/^00/, '').replace(COUNTRY_CODE, '');
  return digits.replace(/^0/, '');
}

const CALCULATED: Readonly<Record<string, string>> = {
  hs_searchable_calculated_phone_number: 'phone',
  hs_searchable_calculated_mobile_number: 'mobilephone',
};

function valueIn({ properties, createdAt }: HubSpotRecord, name: string): string {
  const typed = CALCULATED[name];
  if (typed !== undefined) return searchableNumber(properties[typed]);
  if (name === 'createdate') return new Date(createdAt).toISOString();
  return properties[name] ?? '';
}

/**
 * Searches what the index has (https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm):
 * groups are alternatives, the filters of a group must all match.
 */
export function searchRecords(
  records: readonly HubSpotRecord[],
  type: HubSpotObjectType,
  schema: HubSpotSchema,
  { filterGroups = [], sorts = [], limit = 10, properties = [] }: Json,
): Json {
  const groups = arrayOf(filterGroups).map((group) => {
    const filters = isObject(group) ? arrayOf(group.filters) : [];
    if (filters.length === 0 || filters.length > MAX_FILTERS) throw invalid('Invalid filters');
    return filters.map((filter) => matcherOf(filter, type, schema));
  });
  if (groups.length > MAX_GROUPS) throw invalid(`At most ${MAX_GROUPS} filter groups`);
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) {
    throw invalid('Invalid limit');
  }
  const [sort, ...moreSorts] = arrayOf(sorts).map(String);
  if (moreSorts.length > 0) throw invalid('Only one sort is allowed');

  const found = records.filter(
    (record) => groups.length === 0 || groups.some((group) => group.every((each) => each(record))),
  );
  const name = (sort ?? 'createdate').replace(/^-/, '');
  found.sort(
    (a, b) => valueIn(a, name).localeCompare(valueIn(b, name)) || Number(a.id) - Number(b.id),
  );
  if (sort?.startsWith('-')) found.reverse();
  const names = arrayOf(properties).map(String);
  return {
    total: found.length,
    results: found.slice(0, Number(limit)).map((record) => objectAnswer(record, names)),
  };
}

function matcherOf(
  filter: unknown,
  type: HubSpotObjectType,
  schema: HubSpotSchema,
): (record: HubSpotRecord) => boolean {
  if (!isObject(filter)) throw invalid('A filter must be an object');
  const { propertyName, operator, value, values } = filter;
  const name = String(propertyName);
  if (!schema.has(type, name)) throw invalid(`There was a problem with the property ${name}`);
  const has = (wanted: readonly string[]) => (record: HubSpotRecord) =>
    wanted.includes(valueIn(record, name).toLowerCase());
  if (operator === 'EQ') {
    if (typeof value !== 'string' || value === '') throw invalid(`No value for ${name}`);
    return has([value.toLowerCase()]);
  }
  if (operator !== 'IN') throw invalid(`Operator ${String(operator)} is not simulated`);
  const wanted = arrayOf(values).map(String);
  if (wanted.length === 0 || wanted.length > MAX_VALUES) throw invalid(`No values for ${name}`);
  if (wanted.some((each) => each !== each.toLowerCase())) {
    throw invalid(`The values for ${name} must be in lower case`);
  }
  return has(wanted);
}

function arrayOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('A list was expected');
  return value;
}
