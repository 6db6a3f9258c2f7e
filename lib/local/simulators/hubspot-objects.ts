import type { HubSpotObjectType, HubSpotSchema } from './hubspot-properties.ts';
import { HubSpotRefusal, invalid, notFound, textOf } from './hubspot-request.ts';
import type { Json } from './json.ts';
import { isObject } from './json.ts';

/** A call or a contact as it stands in the account. */
export interface HubSpotRecord {
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How often it was written. */
  readonly writes: number;
  /** When the request that created it arrived, epoch ms with fractions. */
  readonly arrivedAt: number;
  /** Ids of what it is associated with: of a call its contacts. */
  readonly associated: readonly { readonly id: string; readonly typeId: number }[];
}

/** An account's calls and contacts. */
export interface HubSpotObjects {
  all(type: HubSpotObjectType): readonly HubSpotRecord[];
  read(type: HubSpotObjectType, id: string, query: URLSearchParams): Json;
  create(type: HubSpotObjectType, body: Json, at: number): Json;
  upsert(type: HubSpotObjectType, body: Json, at: number): Json;
  associate(call: string, contact: string): Json;
  /** As a person does who edits it in HubSpot; an empty value empties the property. */
  edit(type: HubSpotObjectType, id: string, properties: Readonly<Record<string, string>>): void;
  /** As a person does who ties a call to somebody else. */
  reassociate(call: string, contact: string): void;
  /** As a person does who deletes it in HubSpot. */
  remove(type: HubSpotObjectType, id: string): void;
}

// https://developers.hubspot.com/docs/api-reference/latest/crm/associations/overview
const CALL_TO_CONTACT = 194;
const MAX_INPUTS = 100;

export function createObjects(schema: HubSpotSchema): HubSpotObjects {
  const tables = {
    calls: new Map<string, HubSpotRecord>(),
    contacts: new Map<string, HubSpotRecord>(),
  };
  let lastId = 500;

  function withValue(
    type: HubSpotObjectType,
    name: string,
    value: string,
  ): HubSpotRecord | undefined {
    // Without regard to case, which is the strictest plausible reading.
    const wanted = value.toLowerCase();
    return [...tables[type].values()].find(
      ({ properties }) => properties[name]?.toLowerCase() === wanted,
    );
  }

  function checkUnique(
    type: HubSpotObjectType,
    properties: Readonly<Record<string, string>>,
    own?: string,
  ): void {
    for (const name of schema.uniqueNames(type)) {
      const value = properties[name];
      const other = value ? withValue(type, name, value) : undefined;
      if (other === undefined || other.id === own) continue;
      if (name === 'email') {
        const message = `Contact already exists. Existing ID: ${other.id}`;
        throw new HubSpotRefusal(409, 'CONFLICT', message);
      }
      throw invalid(`Property values were not valid: ${other.id} already has that value (${name})`);
    }
  }

  function insert(type: HubSpotObjectType, properties: Record<string, string>, at: number) {
    schema.checkComplete(type, properties);
    checkUnique(type, properties);
    lastId += 1;
    const record: HubSpotRecord = {
      id: String(lastId),
      properties,
      createdAt: at,
      updatedAt: at,
      arrivedAt: at,
      writes: 1,
      associated: [],
    };
    tables[type].set(record.id, record);
    return record;
  }

  function change(
    type: HubSpotObjectType,
    before: HubSpotRecord,
    properties: Record<string, string>,
    at: number,
  ) {
    checkUnique(type, properties, before.id);
    const record: HubSpotRecord = {
      ...before,
      properties: { ...before.properties, ...properties },
      updatedAt: at,
      writes: before.writes + 1,
    };
    tables[type].set(record.id, record);
    return record;
  }

  function requireUnique(type: HubSpotObjectType, name: string): void {
    if (schema.isUnique(type, name)) return;
    throw invalid(`Unable to perform update/upsert by non-unique property ${name} of ${type}`);
  }

  return {
    all: (type) => [...tables[type].values()],
    read(type, id, query) {
      const idProperty = query.get('idProperty');
      if (idProperty !== null) requireUnique(type, idProperty);
      const record = idProperty === null ? tables[type].get(id) : withValue(type, idProperty, id);
      if (record === undefined) throw notFound();
      const listed = (name: string) => query.getAll(name).flatMap((names) => names.split(','));
      const answer = objectAnswer(record, listed('properties'));
      const { associated } = record;
      if (!listed('associations').includes('contacts') || associated.length === 0) return answer;
      const results = associated.map(({ id: contact }) => ({
        id: contact,
        type: 'call_to_contact',
      }));
      return { ...answer, associations: { contacts: { results } } };
    },
    create(type, body, at) {
      const properties = schema.check(type, body.properties);
      return objectAnswer(insert(type, properties, at), Object.keys(properties));
    },
    upsert(type, body, at) {
      const inputs: unknown = body.inputs;
      if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > MAX_INPUTS) {
        throw invalid(`inputs must be 1 to ${MAX_INPUTS} objects`);
      }
      // One bad input and nothing is done: all are checked before any is written.
      const checked = inputs.map((input: unknown) => {
        if (!isObject(input)) throw invalid('An input must be an object');
        const id = textOf(input, 'id');
        const idProperty = textOf(input, 'idProperty');
        requireUnique(type, idProperty);
        const properties = { ...schema.check(type, input.properties), [idProperty]: id };
        const before = withValue(type, idProperty, id);
        if (before === undefined) schema.checkComplete(type, properties);
        return { id, idProperty, properties };
      });
      const results = checked.map(({ id, idProperty, properties }) => {
        const before = withValue(type, idProperty, id);
        const record =
          before === undefined
            ? insert(type, properties, at)
            : change(type, before, properties, at);
        return { ...objectAnswer(record, Object.keys(properties)), new: before === undefined };
      });
      const instant = new Date(at).toISOString();
      return { status: 'COMPLETE', results, startedAt: instant, completedAt: instant };
    },
    associate(callId, contactId) {
      const call = tables.calls.get(callId);
      if (call === undefined || !tables.contacts.has(contactId)) throw notFound();
      if (!call.associated.some(({ id }) => id === contactId)) {
        const associated = [...call.associated, { id: contactId, typeId: CALL_TO_CONTACT }];
        tables.calls.set(callId, { ...call, associated });
      }
      return {
        status: 'COMPLETE',
        results: [
          {
            from: { id: callId },
            to: { id: contactId },
            associationSpec: {
              associationCategory: 'HUBSPOT_DEFINED',
              associationTypeId: CALL_TO_CONTACT,
            },
          },
        ],
      };
    },
    edit(type, id, properties) {
      const record = tables[type].get(id);
      if (record === undefined) throw notFound();
      const edited = { ...record.properties, ...properties };
      tables[type].set(id, { ...record, properties: edited });
    },
    reassociate(callId, contactId) {
      const call = tables.calls.get(callId);
      if (call === undefined) throw notFound();
      const associated = [{ id: contactId, typeId: CALL_TO_CONTACT }];
      tables.calls.set(callId, { ...call, associated });
    },
    remove(type, id) {
      tables[type].delete(id);
    },
  };
}

/** An object as the API returns it. */
export function objectAnswer(
  { id, properties, createdAt, updatedAt }: HubSpotRecord,
  names: readonly string[],
): Json {
  return {
    id,
    properties: Object.fromEntries([
      ...names.filter((name) => name !== '').map((name) => [name, properties[name] || null]),
      ['hs_object_id', id],
    ]),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    archived: false,
  };
}
