import type { Json } from './json.ts';
import type { Fields, SalesforceObject, Value } from './salesforce-fields.ts';
import { parseQuery } from './salesforce-query.ts';
import { refused, SalesforceRefusal } from './salesforce-request.ts';

/** A task, contact or lead as it stands in the org. */
export interface StoredRecord {
  readonly id: string;
  readonly fields: Readonly<Record<string, Value>>;
  /** How often it was written. */
  readonly writes: number;
  /** When the request that created it arrived, epoch ms with fractions. */
  readonly arrivedAt: number;
}

const PREFIXES: Readonly<Record<SalesforceObject, string>> = {
  Task: '00T',
  Contact: '003',
  Lead: '00Q',
};

const REQUIRED: Readonly<Record<SalesforceObject, readonly string[]>> = {
  Task: [],
  Contact: ['LastName'],
  Lead: ['LastName', 'Company'],
};

export interface Saved {
  readonly status: 200 | 201;
  readonly body: Json;
}

/** @param users ids that may own something */
export function createRecords(known: Fields, users: readonly string[], blocksDuplicates: boolean) {
  const tables = {
    Task: new Map<string, StoredRecord>(),
    Contact: new Map<string, StoredRecord>(),
    Lead: new Map<string, StoredRecord>(),
  };
  let lastId = 0;

  const rowsOf = (object: SalesforceObject) =>
    [...tables[object].values()].map(({ id, fields }) => ({ Id: id, ...fields }));

  function checkReferences(fields: Readonly<Record<string, Value>>): void {
    const { WhoId, WhatId, OwnerId } = fields;
    const isPerson = [tables.Contact, tables.Lead].some((table) => table.has(String(WhoId)));
    if (WhoId != null && !isPerson) throw missing('WhoId');
    if (OwnerId != null && !users.includes(String(OwnerId))) throw missing('OwnerId');
    if (WhatId != null && String(WhoId).startsWith(PREFIXES.Lead)) {
      throw refused('FIELD_INTEGRITY_EXCEPTION', 'Related To must be blank for a lead', 'WhatId');
    }
  }

  function checkDuplicates(object: SalesforceObject, { Phone }: Readonly<Record<string, Value>>) {
    if (!blocksDuplicates || object === 'Task') return;
    const same = [...tables.Contact.values(), ...tables.Lead.values()].filter(
      ({ fields }) => digits(fields.Phone) !== '' && digits(fields.Phone) === digits(Phone ?? null),
    );
    if (same.length === 0) return;
    const matchRecords = same.map(({ id }) => ({ record: { Id: id }, matchConfidence: 100 }));
    const duplicateResult = { allowSave: false, matchResults: [{ matchRecords, success: true }] };
    const message = 'Use one of these records?';
    throw new SalesforceRefusal(400, 'DUPLICATES_DETECTED', message, { duplicateResult });
  }

  function insert(object: SalesforceObject, fields: Record<string, Value>, at: number) {
    const lacking = REQUIRED[object].filter((name) => fields[name] == null);
    if (lacking.length > 0) {
      const message = `Required fields are missing: [${lacking.join(', ')}]`;
      throw refused('REQUIRED_FIELD_MISSING', message, ...lacking);
    }
    lastId += 1;
    const id = `${PREFIXES[object]}${String(lastId).padStart(12, '0')}AAA`;
    // A moment apart, so that there is an order even where time stands still.
    const created = { CreatedDate: new Date(at + lastId).toISOString(), IsConverted: false };
    const record: StoredRecord = {
      id,
      fields: { ...created, ...fields },
      writes: 1,
      arrivedAt: at,
    };
    tables[object].set(id, record);
    return record;
  }

  return {
    all: (object: SalesforceObject): readonly StoredRecord[] => [...tables[object].values()],
    insert,
    upsert(object: SalesforceObject, idField: string, id: string, body: Json, at: number): Saved {
      known.requireExternalId(object, idField);
      if ('Id' in body || idField in body) {
        throw refused('INVALID_FIELD', `The ${idField} field should not be specified in the body`);
      }
      const matches = [...tables[object].values()].filter(
        ({ fields }) => String(fields[idField] ?? '').toLowerCase() === id.toLowerCase(),
      );
      const [before, ...others] = matches;
      if (others.length > 0) throw new SalesforceRefusal(300, 'MULTIPLE_CHOICES', 'Several match');
      const fields = known.check(object, body, before === undefined);
      checkReferences({ ...before?.fields, ...fields });
      if (before === undefined) {
        checkDuplicates(object, fields);
        const record = insert(object, { ...fields, [idField]: id }, at);
        const answer = { id: record.id, success: true, errors: [], created: true };
        return { status: 201, body: answer };
      }
      const changed = { ...before.fields, ...fields };
      tables[object].set(before.id, { ...before, fields: changed, writes: before.writes + 1 });
      return { status: 200, body: { id: before.id, success: true, errors: [], created: false } };
    },
    query(soql: string): Json {
      const { object, fields, where, order, limit } = parseQuery(soql, known);
      const found = rowsOf(object).filter(where);
      if (order !== undefined) {
        const { field, isDescending } = order;
        found.sort((a, b) => String(cell(a, field)).localeCompare(String(cell(b, field))));
        if (isDescending) found.reverse();
      }
      const records = found.slice(0, limit).map((row) => ({
        attributes: { type: object },
        ...Object.fromEntries(fields.map((name) => [name, cell(row, name)])),
      }));
      return { totalSize: found.length, done: true, records };
    },
    edit(object: SalesforceObject, id: string, fields: Readonly<Record<string, Value>>): void {
      const record = tables[object].get(id);
      if (record === undefined) throw new Error(`There is no ${object} ${id}`);
      tables[object].set(id, { ...record, fields: { ...record.fields, ...fields } });
    },
    remove(object: SalesforceObject, id: string): void {
      tables[object].delete(id);
    },
  };
}
export type Records = ReturnType<typeof createRecords>;

const cell = (row: Readonly<Record<string, Value>>, name: string): Value => row[name] ?? null;

const digits = (value: Value | undefined): string => String(value ?? '').replaceAll(/\D/g, '');

const missing = (name: string) =>
  refused('INVALID_CROSS_REFERENCE_KEY', `invalid cross reference id (${name})`, name);
