import {
  type Filter,
  FilterOperatorEnum,
} from '@hubspot/api-client/lib/codegen/crm/objects/models/Filter.js';
import * as z from 'zod';
import type { Values } from '../../crm/late-facts.ts';
import { PermanentError, TransientError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { completeSchema, type ObjectType } from './schema.ts';

export interface HubSpotObject {
  readonly id: string;
  readonly properties: Values;
  /** Whether it is associated with a contact, as far as that was asked. */
  readonly hasContact: boolean;
}

export interface Search {
  /** A property and the values of which it has to have one. */
  readonly anyOf: readonly (readonly [property: string, values: readonly string[]])[];
  /** What to answer. */
  readonly properties: readonly string[];
  /** A property to sort by, with a `-` in front for descending. */
  readonly sort: string;
}

/** What is done at HubSpot. Properties of ours that HubSpot lacks are created when it says so. */
export interface HubSpot {
  /** By the value of a unique property; a call with whether it has a contact. Undefined when there is none, or no such property. */
  read(
    type: ObjectType,
    id: string,
    idProperty: string,
    properties: readonly string[],
  ): Promise<HubSpotObject | undefined>;
  /** Creates the object with this value of the unique property, or changes it. */
  upsert(
    type: ObjectType,
    id: string,
    idProperty: string,
    properties: Readonly<Record<string, string>>,
  ): Promise<HubSpotObject>;
  create(type: ObjectType, properties: Readonly<Record<string, string>>): Promise<HubSpotObject>;
  search(type: ObjectType, search: Search): Promise<readonly HubSpotObject[]>;
  /** With the default type, which is 194 from a call to a contact. Done before, it changes nothing. */
  associate(call: string, contact: string): Promise<void>;
}

const objectSchema = z
  .object({
    id: z.string().regex(/^\d{1,30}$/),
    properties: z.record(
      z.string(),
      z
        .string()
        .nullish()
        .transform((value) => value ?? null),
    ),
    associations: z.record(z.string(), z.object({ results: z.array(z.unknown()) })).nullish(),
  })
  .transform(({ id, properties, associations }) => ({
    id,
    properties,
    hasContact: (associations?.contacts?.results.length ?? 0) > 0,
  }));

/** A batch of one that was refused is answered with 207, without a result. */
const batchSchema = z.object({ results: z.tuple([objectSchema]) });
const searchSchema = z.object({ results: z.array(objectSchema) });
const anything = z.unknown();

/** What is answered with an object. */
const ASSOCIATED: Readonly<Record<ObjectType, string[] | undefined>> = {
  calls: ['contacts'],
  contacts: undefined,
};

const SEARCH_AT_MOST = 100;

const isReason = (error: unknown, ...reasons: string[]): boolean =>
  error instanceof PermanentError && reasons.includes(error.reason);

/** @param identity name of the property that identifies calls */
export function hubspotOver(connection: Connection, identity: string): HubSpot {
  const { ask } = connection;

  /** Once more after a refusal: another worker may have completed the schema meanwhile. */
  async function write<T>(type: ObjectType, request: () => Promise<T>): Promise<T> {
    let isNew: boolean;
    try {
      return await request();
    } catch (error) {
      if (!isReason(error, 'properties_refused')) throw error;
      isNew = await completeSchema(connection, type, identity);
    }
    try {
      return await request();
    } catch (error) {
      if (!isNew || !isReason(error, 'properties_refused')) throw error;
      const message = `HubSpot may not know the properties of ${type} yet that were just created`;
      throw new TransientError(message, { reason: 'property_new' });
    }
  }

  return {
    async read(type, id, idProperty, properties) {
      try {
        return await ask(
          `Reading one of the ${type}`,
          ({ objects }) =>
            objects.getById(
              type,
              id,
              [...properties],
              undefined,
              ASSOCIATED[type],
              false,
              idProperty,
            ),
          objectSchema,
        );
      } catch (error) {
        if (isReason(error, 'not_found', 'properties_refused')) return undefined;
        throw error;
      }
    },
    async upsert(type, id, idProperty, properties) {
      const input = { id, idProperty, properties: { ...properties } };
      const { results } = await write(type, () =>
        ask(
          `Writing one of the ${type}`,
          ({ batches }) => batches.upsert(type, { inputs: [input] }),
          batchSchema,
          [idProperty, ...Object.keys(properties)],
        ),
      );
      return results[0];
    },
    async create(type, properties) {
      return write(type, () =>
        ask(
          `Creating one of the ${type}`,
          ({ objects }) =>
            objects.create(type, { properties: { ...properties }, associations: [] }),
          objectSchema,
          Object.keys(properties),
        ),
      );
    },
    async search(type, { anyOf, properties, sort }) {
      const filterGroups = anyOf.map(([propertyName, values]) => {
        const filter: Filter = {
          propertyName,
          operator: FilterOperatorEnum.In,
          values: [...values],
        };
        return { filters: [filter] };
      });
      const { results } = await ask(
        `Searching ${type}`,
        ({ searches }) =>
          searches.doSearch(type, {
            filterGroups,
            properties: [...properties],
            sorts: [sort],
            limit: SEARCH_AT_MOST,
          }),
        searchSchema,
      );
      return results;
    },
    async associate(call, contact) {
      await ask(
        'Associating a call with a contact',
        ({ associations }) => associations.createDefault('calls', call, 'contacts', contact),
        anything,
      );
    },
  };
}
