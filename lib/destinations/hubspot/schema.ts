import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/models/PropertyCreate.js';
import * as z from 'zod';
import { type CheckFinding, ok, warning, wrong } from '../../check/check-finding.ts';
import { PermanentError } from '../../errors.ts';
import { MINUTE_MS } from '../../time.ts';
import type { Connection } from './connection.ts';
import { WRITTEN } from './record.ts';

export type ObjectType = 'calls' | 'contacts';

/** The unique property of contacts that Callwire created: two workers cannot create one caller twice. */
export const CONTACT_PHONE = 'callwire_phone';

/** For so long after its creation HubSpot may refuse a property as unknown. */
const NEW_MS = 5 * MINUTE_MS;

const GROUP = { name: 'callwire', label: 'Callwire' };

const TEXT = { type: PropertyCreateTypeEnum.String, fieldType: PropertyCreateFieldTypeEnum.Text };

interface Definition {
  readonly name: string;
  readonly label: string;
  readonly isUnique: boolean;
}

const definitionsOf = (type: ObjectType, identity: string): readonly Definition[] =>
  type === 'contacts'
    ? [{ name: CONTACT_PHONE, label: 'Callwire caller', isUnique: true }]
    : [
        { name: identity, label: 'Callwire call', isUnique: true },
        { name: WRITTEN, label: 'Callwire wrote', isUnique: false },
      ];

const byHand = (type: ObjectType, { name, isUnique }: Definition): string => {
  const rule = isUnique ? ', with "Require unique values for this property"' : '';
  return `in HubSpot under Settings, Properties, ${type}, create a Single-line text property with the internal name ${name}${rule}`;
};

const propertySchema = z.object({
  hasUniqueValue: z.boolean().optional(),
  createdAt: z.date().optional(),
});
const anything = z.unknown();

/** Without its properties no call is logged; contacts only have to be created for some. */
const scopeOf = (type: ObjectType) => (type === 'calls' ? 'destination' : 'request');

const isReason = (error: unknown, ...reasons: string[]): error is PermanentError =>
  error instanceof PermanentError && reasons.includes(error.reason);

/** Undefined when there is none. */
async function existing({ ask }: Connection, type: ObjectType, name: string) {
  const place = `Reading the property ${name} of ${type}`;
  try {
    return await ask(place, ({ properties }) => properties.getByName(type, name), propertySchema);
  } catch (error) {
    if (isReason(error, 'not_found')) return undefined;
    throw error;
  }
}

/** Another worker may have created it a moment ago. */
async function createOnce(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isReason(error, 'conflict')) throw error;
  }
}

async function create({ ask }: Connection, type: ObjectType, definition: Definition) {
  const { name, label, isUnique } = definition;
  const group = `Creating the property group ${GROUP.name} of ${type}`;
  const place = `Creating the property ${name} of ${type}`;
  try {
    await createOnce(
      ask(group, ({ propertyGroups }) => propertyGroups.create(type, GROUP), anything),
    );
    const property = {
      name,
      label,
      groupName: GROUP.name,
      ...TEXT,
      hasUniqueValue: isUnique,
      formField: false,
    };
    await createOnce(ask(place, ({ properties }) => properties.create(type, property), anything));
  } catch (error) {
    if (!isReason(error, 'missing_scopes', 'properties_refused')) throw error;
    const fix = `HubSpot lacks the property ${name}, which Callwire may not create: ${byHand(type, definition)}. Or: ${error.message}`;
    throw new PermanentError('property_missing', fix, { scope: scopeOf(type) });
  }
}

const notUnique = (type: ObjectType, name: string): string =>
  `The property ${name} of ${type} in HubSpot allows equal values: delete it, or set \`property\` of this destination to another name.`;

/** Whether HubSpot has the property that identifies calls, as it has to be. */
export async function probeSchema(connection: Connection, identity: string): Promise<CheckFinding> {
  const property = await existing(connection, 'calls', identity);
  if (property === undefined) {
    const byItself = 'Callwire creates it with the first call, if the token may; else';
    const fix = `${byItself} ${byHand('calls', { name: identity, label: '', isUnique: true })}.`;
    return warning('property', `HubSpot has no property ${identity} of calls yet`, fix);
  }
  return property.hasUniqueValue === true
    ? ok('property', `calls have the unique property ${identity}`)
    : wrong('property', 'it does not tell calls apart', notUnique('calls', identity));
}

/**
 * Creates the properties that Callwire needs and HubSpot lacks.
 *
 * @param identity name of the property that identifies calls
 * @returns whether one of them was created just now, by us or by another worker
 * @throws PermanentError with what to do by hand, where the token may not do it
 */
export async function completeSchema(
  connection: Connection,
  type: ObjectType,
  identity: string,
): Promise<boolean> {
  let isNew = false;
  for (const definition of definitionsOf(type, identity)) {
    const property = await existing(connection, type, definition.name);
    if (property === undefined) {
      await create(connection, type, definition);
      isNew = true;
    } else if (definition.isUnique && property.hasUniqueValue !== true) {
      throw new PermanentError('property_not_unique', notUnique(type, definition.name), {
        scope: scopeOf(type),
      });
    } else if (Date.now() - (property.createdAt?.getTime() ?? 0) < NEW_MS) {
      isNew = true;
    }
  }
  return isNew;
}
