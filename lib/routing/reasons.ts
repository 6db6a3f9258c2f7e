import { callStatusSchema, conclude, type StatusMeaning } from '../calls/call.ts';
import { closest } from '../config/closest.ts';
import { type Finding, shown, valueAt } from '../config/finding.ts';
import { suggest } from '../config/suggest.ts';
import { type Clause, namedWithPaths, typesIn } from './clause.ts';
import { pathsIn } from './fields.ts';

/** A provider's status words: the table of it that the list of providers has. */
export interface StatusWords {
  readonly id: string;
  readonly statuses: Readonly<Record<string, StatusMeaning>>;
}

/** Why a connection fails, or drifts: the reasons of the errors that reading a call list ends in, and our own. */
const CONNECTION_REASONS = [
  'key_refused',
  'key_missing',
  'key_malformed',
  'key_unreadable',
  'not_found',
  'rate_limited',
  'unreachable',
  'too_slow',
  'provider_error',
  'shape_changed',
  'refused',
  'silent',
  'lagging',
  'drifted',
];

/** The reasons that there can be, by the field that holds them. Those of deliveries are their vendors' own. */
export type Reasons = Readonly<Record<string, readonly string[]>>;

/** All reasons, with those that the `statusOverrides` of connections, as written, bring. */
export function reasonsOf(
  connections: readonly unknown[],
  providers: readonly StatusWords[],
): Reasons {
  const overrides = connections.flatMap((connection) =>
    Object.values(Object(valueAt(connection, ['statusOverrides']))).map((meaning) =>
      valueAt(meaning, ['reason']),
    ),
  );
  const told = providers.flatMap(({ statuses }) =>
    Object.values(statuses).map((meaning) => conclude(meaning, null).reason),
  );
  const usual = callStatusSchema.options.map(
    (status) => conclude({ status, reason: null }, null).reason,
  );
  const all = [...usual, ...told, ...overrides].filter((reason) => typeof reason === 'string');
  return { 'call.reason': [...new Set(all)], 'connection.reason': CONNECTION_REASONS };
}

/** Doubts about reasons that nobody gives, as far as one can know. */
export function checkReasons(clauses: readonly Clause[], reasons: Reasons): Finding[] {
  const types = typesIn(clauses);
  return clauses.flatMap((clause) => {
    const paths = new Set(types.flatMap((type) => pathsIn(type, clause.field)));
    return checkNamed(clause, [...paths], reasons);
  });
}

/** @param paths where the clause looks, in events of the types that its condition asks for */
function checkNamed(clause: Clause, paths: readonly string[], reasons: Reasons): Finding[] {
  if (paths.length === 0 || !paths.every((path) => path.endsWith('.reason'))) return [];
  const known = paths.flatMap((path) => reasons[path] ?? []);
  // A delivery's reason may be any word of its vendor's: there, only what looks misspelt is told.
  const isOpen = paths.some((path) => !reasons[path]);
  return namedWithPaths(clause).flatMap(({ value, path }): Finding[] => {
    if (typeof value !== 'string' || known.includes(value)) return [];
    if (isOpen && closest(value, known) === undefined) return [];
    const message = `${shown(value)} is a reason that nothing here gives`;
    return [{ path, message, fix: suggest(value, known) }];
  });
}
