import { HubSpotRefusal, invalid, notFound, textOf } from './hubspot-request.ts';
import { isObject, type Json } from './json.ts';

export const objectTypes = ['calls', 'contacts'] as const;
export type HubSpotObjectType = (typeof objectTypes)[number];

interface Definition {
  readonly type: string;
  readonly isUnique?: boolean;
  readonly createdAt?: number;
  readonly isReadOnly?: boolean;
  readonly options?: readonly string[];
}

const TEXT: Definition = { type: 'string' };
const CALCULATED: Definition = { type: 'string', isReadOnly: true };
const TIME: Definition = { type: 'datetime' };

/** Of the properties that HubSpot defines, those that are of any use here. */
const DEFINED: Readonly<Record<HubSpotObjectType, Readonly<Record<string, Definition>>>> = {
  calls: {
    hs_timestamp: TIME,
    hs_call_title: TEXT,
    hs_call_body: TEXT,
    hs_call_status: {
      type: 'enumeration',
      options: [
        'BUSY',
        'CALLING_CRM_USER',
        'CANCELED',
        'COMPLETED',
        'CONNECTING',
        'FAILED',
        'IN_PROGRESS',
        'NO_ANSWER',
        'QUEUED',
        'RINGING',
      ],
    },
    hs_call_disposition: {
      type: 'enumeration',
      options: [
        'f240bbac-87c9-4f6e-bf70-924b57d47db7',
        '73a0d17f-1163-4015-bdd5-ec830791da20',
        '9d9162e7-6cf3-4944-bf63-4dff82258764',
        '17b47fee-58de-441e-a44c-c6300d46f273',
      ],
    },
    hs_call_direction: { type: 'enumeration', options: ['INBOUND', 'OUTBOUND'] },
    hs_call_duration: { type: 'number' },
    hs_call_from_number: TEXT,
    hs_call_to_number: TEXT,
    hs_call_recording_url: TEXT,
    hubspot_owner_id: TEXT,
  },
  contacts: {
    email: { type: 'string', isUnique: true },
    firstname: TEXT,
    lastname: TEXT,
    phone: TEXT,
    mobilephone: TEXT,
    createdate: { ...TIME, isReadOnly: true },
    hs_searchable_calculated_phone_number: CALCULATED,
    hs_searchable_calculated_mobile_number: CALCULATED,
  },
};

const REQUIRED: Readonly<Record<HubSpotObjectType, readonly string[]>> = {
  calls: ['hs_timestamp'],
  contacts: [],
};

const MAX_TEXT = 65_536;
const MAX_UNIQUE = 10;

/** The properties that an account has, and what may stand in them. */
export interface HubSpotSchema {
  isUnique(type: HubSpotObjectType, name: string): boolean;
  has(type: HubSpotObjectType, name: string): boolean;
  uniqueNames(type: HubSpotObjectType): readonly string[];
  /** @throws HubSpotRefusal 400 naming every property that does not exist or cannot hold its value. */
  check(type: HubSpotObjectType, properties: unknown): Record<string, string>;
  /** @throws HubSpotRefusal 400 when one is lacking that every such object has. */
  checkComplete(type: HubSpotObjectType, properties: Readonly<Record<string, string>>): void;
  read(type: HubSpotObjectType, name: string): Json;
  create(type: HubSpotObjectType, body: Json, at: number): Json;
  createGroup(type: HubSpotObjectType, body: Json): Json;
}

export function createSchema(): HubSpotSchema {
  const properties = {
    calls: new Map(Object.entries(DEFINED.calls)),
    contacts: new Map(Object.entries(DEFINED.contacts)),
  };
  const groups = {
    calls: new Set(['call', 'engagement']),
    contacts: new Set(['contactinformation']),
  };

  const uniqueNames = (type: HubSpotObjectType): string[] =>
    [...properties[type]].flatMap(([name, { isUnique }]) => (isUnique ? [name] : []));

  return {
    isUnique: (type, name) => properties[type].get(name)?.isUnique ?? false,
    has: (type, name) => properties[type].has(name),
    uniqueNames,
    check(type, given) {
      if (!isObject(given)) throw invalid('properties must be given');
      const errors: Json[] = [];
      const checked: Record<string, string> = {};
      for (const [name, value] of Object.entries(given)) {
        const error = problemWith(properties[type].get(name), name, value);
        if (error === undefined) checked[name] = value === null ? '' : String(value);
        else errors.push({ isValid: false, name, error, message: `${name}: ${error}` });
      }
      refuseIf(errors);
      return checked;
    },
    checkComplete(type, given) {
      refuseIf(
        REQUIRED[type]
          .filter((name) => !given[name])
          .map((name) => ({
            isValid: false,
            name,
            error: 'REQUIRED_FIELD',
            message: `${name} is required`,
          })),
      );
      const isNamed = ['email', 'firstname', 'lastname'].some((name) => given[name]);
      if (type === 'contacts' && !isNamed) {
        throw invalid('A contact needs at least one of email, firstname and lastname');
      }
    },
    read(type, name) {
      const definition = properties[type].get(name);
      if (definition === undefined) throw notFound(`There is no property ${name}`);
      const { type: kind, isUnique = false, createdAt = 0 } = definition;
      const since = new Date(createdAt).toISOString();
      return { name, type: kind, hasUniqueValue: isUnique, createdAt: since };
    },
    create(type, body, at) {
      const name = textOf(body, 'name');
      const kind = textOf(body, 'type');
      for (const member of ['label', 'fieldType']) textOf(body, member);
      if (!/^[a-z][a-z0-9_]*$/.test(name)) throw invalid(`${name} is no name for a property`);
      if (!groups[type].has(textOf(body, 'groupName'))) {
        throw invalid('The property group does not exist');
      }
      if (properties[type].has(name)) {
        const message = `Property named '${name}' already exists`;
        throw new HubSpotRefusal(409, 'CONFLICT', message);
      }
      const isUnique = body.hasUniqueValue === true;
      const own = uniqueNames(type).filter((unique) => !(unique in DEFINED[type]));
      if (isUnique && own.length >= MAX_UNIQUE) throw invalid('Too many unique properties');
      properties[type].set(name, { type: kind, isUnique, createdAt: at });
      return { ...body, name };
    },
    createGroup(type, body) {
      const name = textOf(body, 'name');
      textOf(body, 'label');
      if (groups[type].has(name)) throw new HubSpotRefusal(409, 'CONFLICT', 'The group exists');
      groups[type].add(name);
      return { ...body };
    },
  };
}

/** The word for what is wrong with a value. */
function problemWith(
  definition: Definition | undefined,
  name: string,
  value: unknown,
): string | undefined {
  if (definition === undefined) return 'PROPERTY_DOESNT_EXIST';
  if (definition.isReadOnly) return 'READ_ONLY_VALUE';
  if (value === null || value === '') return undefined;
  if (typeof value !== 'string') return 'INVALID_STRING';
  if (value.length > MAX_TEXT) return 'INVALID_LENGTH';
  if (definition.options && !definition.options.includes(value)) return 'INVALID_OPTION';
  if (definition.type === 'number' && !Number.isFinite(Number(value))) return 'INVALID_NUMBER';
  const isTime = /^\d{13}$/.test(value) || /^\d{4}-\d\d-\d\dT.+Z$/.test(value);
  if (definition.type === 'datetime' && !isTime) return 'INVALID_DATE';
  const isRecording = name === 'hs_call_recording_url';
  if (isRecording && !value.startsWith('https://')) return 'INVALID_URL';
  return undefined;
}

function refuseIf(errors: readonly Json[]): void {
  if (errors.length === 0) return;
  const message = `Property values were not valid: ${JSON.stringify(errors)}`;
  const details = errors.map(({ name, error, message: text }) => ({
    message: text,
    code: error,
    context: { propertyName: [name] },
  }));
  throw new HubSpotRefusal(400, 'VALIDATION_ERROR', message, { errors: details });
}
