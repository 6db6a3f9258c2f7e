import type { Json } from './json.ts';
import { refused, SalesforceRefusal } from './salesforce-request.ts';

export const salesforceObjects = ['Task', 'Contact', 'Lead'] as const;
export type SalesforceObject = (typeof salesforceObjects)[number];

interface Definition {
  readonly type: 'text' | 'integer' | 'date' | 'reference' | 'boolean';
  readonly length?: number;
  readonly words?: readonly string[];
  /** Written when the record is created, and never again. */
  readonly isFixed?: boolean;
  readonly isReadOnly?: boolean;
  readonly isExternalId?: boolean;
}

const text = (length: number, over: Partial<Definition> = {}): Definition => ({
  type: 'text',
  length,
  ...over,
});
const REFERENCE: Definition = { type: 'reference' };
const CREATED: Definition = { type: 'date', isReadOnly: true };

/** Of the standard fields, those that are of any use here. */
const STANDARD: Readonly<Record<SalesforceObject, Readonly<Record<string, Definition>>>> = {
  Task: {
    Subject: text(255),
    TaskSubtype: text(40, { words: ['Task', 'Call', 'Email'], isFixed: true }),
    Status: text(255, {
      words: ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
    }),
    ActivityDate: { type: 'date' },
    CallType: text(40, { words: ['Internal', 'Inbound', 'Outbound'] }),
    CallDurationInSeconds: { type: 'integer' },
    CallDisposition: text(255),
    Description: text(32_000),
    WhoId: REFERENCE,
    WhatId: REFERENCE,
    OwnerId: REFERENCE,
    CreatedDate: CREATED,
  },
  Contact: {
    LastName: text(80),
    Phone: text(40),
    MobilePhone: text(40),
    HomePhone: text(40),
    OtherPhone: text(40),
    CreatedDate: CREATED,
  },
  Lead: {
    LastName: text(80),
    Company: text(255),
    Phone: text(40),
    MobilePhone: text(40),
    IsConverted: { type: 'boolean', isReadOnly: true },
    CreatedDate: CREATED,
  },
};

/** What an administrator creates by hand, as the README says; `name` is left out where nobody did. */
export const customFields = {
  Callwire_Call_Id__c: { object: 'Task', definition: text(32, { isExternalId: true }) },
  Callwire_Written__c: { object: 'Task', definition: text(255) },
  Callwire_Phone__c: { object: 'Lead', definition: text(40, { isExternalId: true }) },
} as const satisfies Record<string, { object: SalesforceObject; definition: Definition }>;
export type CustomField = keyof typeof customFields;

export type Value = string | number | boolean | null;

/** The fields that an org has, and what may stand in them. */
export function createFields(lacking: readonly CustomField[]) {
  const definitionOf = (object: SalesforceObject, name: string): Definition | undefined => {
    const custom = Object.entries(customFields).find(
      ([each, field]) =>
        each === name && field.object === object && !lacking.some((lack) => lack === name),
    );
    return custom?.[1].definition ?? STANDARD[object][name];
  };

  return {
    has: (object: SalesforceObject, name: string): boolean =>
      name === 'Id' || definitionOf(object, name) !== undefined,
    requireExternalId(object: SalesforceObject, name: string): void {
      if (definitionOf(object, name)?.isExternalId === true) return;
      const message = `Provided external ID field does not exist or is not accessible: ${name}`;
      throw new SalesforceRefusal(404, 'NOT_FOUND', message);
    },
    /** @throws SalesforceRefusal 400 for the first field that does not exist or cannot hold its value. */
    check(object: SalesforceObject, given: Json, isNew: boolean): Record<string, Value> {
      const checked = Object.entries(given).map(([name, value]): [string, Value] => {
        const definition = definitionOf(object, name);
        if (definition === undefined) {
          const message = `No such column '${name}' on sobject of type ${object}`;
          throw refused('INVALID_FIELD', message);
        }
        return [name, checkValue(name, definition, value, isNew)];
      });
      return Object.fromEntries(checked);
    },
  };
}
export type Fields = ReturnType<typeof createFields>;

function checkValue(name: string, definition: Definition, value: unknown, isNew: boolean): Value {
  const { type, length, words, isFixed, isReadOnly } = definition;
  if (isReadOnly || (isFixed && !isNew)) {
    const message = `Unable to create/update fields: ${name}. Please check the security settings of this field.`;
    throw refused('INVALID_FIELD_FOR_INSERT_UPDATE', message, name);
  }
  if (value === null) return null;
  if (type === 'integer') {
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    throw refused('JSON_PARSER_ERROR', `Cannot deserialize instance of int from ${typeof value}`);
  }
  if (typeof value !== 'string') {
    throw refused('JSON_PARSER_ERROR', `Cannot deserialize instance of ${type}`);
  }
  if (type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(value)) {
    throw refused('JSON_PARSER_ERROR', 'Cannot deserialize instance of date from VALUE_STRING');
  }
  if (length !== undefined && value.length > length) {
    const message = `${name}: data value too large: ${value.slice(0, 40)} (max length=${length})`;
    throw refused('STRING_TOO_LONG', message, name);
  }
  if (words !== undefined && !words.includes(value)) {
    const message = `${name}: bad value for restricted picklist field: ${value}`;
    throw refused('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, name);
  }
  return value === '' ? null : value;
}
