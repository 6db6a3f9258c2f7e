import { CANARY_DESTINATION } from '../canary/canary.ts';
import { type Finding, formatPath, type Path, shown, valueAt } from './finding.ts';
import { suggest } from './suggest.ts';

/** The lists of the file as written: items may be anything. */
export interface RawLists {
  connections: unknown[];
  destinations: unknown[];
  routes: unknown[];
}

/** What exists, by what it is called in messages. */
interface Names {
  provider: readonly string[];
  connection: readonly string[];
  destination: readonly string[];
}

/** Fields of a condition whose values are names of something. */
const NAMING_FIELDS: readonly (readonly [kind: keyof Names, field: string])[] = [
  ['connection', 'connection'],
  ['connection', 'call.connection'],
  ['connection', 'connection.id'],
  ['provider', 'provider'],
  ['provider', 'call.provider'],
  ['provider', 'connection.provider'],
  ['destination', 'delivery.destination'],
];

/**
 * Checks what the parts of the file say of each other: that names exist and that no two things have
 * one id. Reads the lists as written, so that a fault in one field hides none in another.
 */
export function checkReferences(file: RawLists, providers: readonly string[]): Finding[] {
  const names: Names = {
    provider: providers,
    connection: idsOf(file.connections),
    destination: idsOf(file.destinations),
  };
  const check = (kind: keyof Names, path: Path) =>
    checkNames(kind, path, valueAt(file, path), names);
  // Of the null destination people are told, though nobody may tell it anything.
  const ill = { ...names, destination: [...names.destination, CANARY_DESTINATION] };

  return [
    ...checkUnique(file),
    ...checkReserved(file),
    ...file.connections.flatMap((_, index) =>
      check('provider', ['connections', index, 'provider']),
    ),
    ...file.destinations.flatMap((destination, index) => {
      const path = ['destinations', index, 'fallback'];
      return isOwnFallback(destination)
        ? [{ path, message: 'is the destination itself', fix: 'Name another one, or none.' }]
        : check('destination', path);
    }),
    ...file.destinations.flatMap((destination, index) =>
      checkOwners(destination, ['destinations', index], names),
    ),
    ...file.routes.flatMap((_, index) => [
      ...check('destination', ['routes', index, 'to']),
      ...NAMING_FIELDS.flatMap(([kind, field]) => {
        const path = ['routes', index, 'when', field];
        return checkNames(kind, path, valueAt(file, path), ill);
      }),
    ]),
  ];
}

/** The null destination is in every deployment, and what is told of it must not be taken for another's. */
const checkReserved = ({ destinations }: RawLists): Finding[] =>
  destinations.flatMap((destination, index) =>
    valueAt(destination, ['id']) === CANARY_DESTINATION
      ? [
          {
            path: ['destinations', index, 'id'],
            message: `${shown(CANARY_DESTINATION)} is what Callwire calls a destination of its own`,
            fix: 'Choose another id.',
          },
        ]
      : [],
  );

function checkUnique(file: RawLists): Finding[] {
  return Object.entries(file).flatMap(([list, items]: [string, unknown[]]) => {
    const first = new Map<string, number>();
    return items.flatMap((item, index) => {
      const id = valueAt(item, ['id']);
      if (typeof id !== 'string') return [];
      const taken = first.get(id);
      if (taken === undefined) {
        first.set(id, index);
        return [];
      }
      const message = `${shown(id)} is the id of ${formatPath([list, taken])} already`;
      return [{ path: [list, index, 'id'], message, fix: 'Choose another id.' }];
    });
  });
}

/** Checks the name, or each of several, or each behind `not`. Whatever is no name is the schema's business. */
function checkNames(kind: keyof Names, path: Path, value: unknown, names: Names): Finding[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => checkNames(kind, [...path, index], item, names));
  }
  const negated = valueAt(value, ['not']);
  if (negated !== undefined) return checkNames(kind, [...path, 'not'], negated, names);
  if (typeof value !== 'string' || names[kind].includes(value)) return [];
  const message = `${shown(value)} is not a ${kind}`;
  return [{ path, message, fix: suggest(value, names[kind]) }];
}

/** The connections whose calls a CRM is told the owner of. */
function checkOwners(destination: unknown, at: Path, names: Names): Finding[] {
  const owners = valueAt(destination, ['owners', 'connections']);
  if (typeof owners !== 'object' || owners === null) return [];
  return Object.keys(owners).flatMap((connection) =>
    checkNames('connection', [...at, 'owners', 'connections', connection], connection, names),
  );
}

const isOwnFallback = (destination: unknown): boolean => {
  const fallback = valueAt(destination, ['fallback']);
  return fallback !== undefined && fallback === valueAt(destination, ['id']);
};

const idsOf = (items: readonly unknown[]): string[] =>
  items.map((item) => valueAt(item, ['id'])).filter((id) => typeof id === 'string');
