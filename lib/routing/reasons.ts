import { callStatusSchema, conclude, type StatusMeaning } from '../calls/call.ts';
import { valueAt } from '../config/finding.ts';

/** A provider's status words: the table of it that the list of providers has. */
export interface StatusWords {
  readonly id: string;
  readonly statuses: Readonly<Record<string, StatusMeaning>>;
}

/** Why a connection fails, or drifts: the reasons of the errors that reading a call list ends in. */
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
