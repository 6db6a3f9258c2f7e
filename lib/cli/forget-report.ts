import type { CallKey } from '../calls/call.ts';
import type { Holders } from '../erasure/find-number.ts';
import type { ToldElsewhere } from '../erasure/forget-call.ts';
import type { ReachedErasure } from './reach-erasure.ts';

/** The last line of `forget` with `--json`. */
export interface ForgetResult {
  readonly calls: readonly (CallKey & { readonly wasStored: boolean })[];
  readonly deliveries: number;
  readonly incidents: number;
  readonly setAside: number;
  readonly objects: number;
  /** Messages of local queues. */
  readonly messages: number;
  /** What was told elsewhere, and is there still. */
  readonly elsewhere: readonly ToldElsewhere[];
  /** What the operator wrote that names the number. */
  readonly written: readonly string[];
  /** Calls, records and objects that hold the number all the same; null where there is no number. */
  readonly left: number | null;
}

export const nameOf = ({ connection, id }: CallKey): string => `${connection}/${id}`;

/** Where something is that was told elsewhere, for whoever goes there. */
export function elsewhereLine({ call, destination, type, at, receipt }: ToldElsewhere): string {
  const where = receipt
    ? Object.entries(receipt)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')
    : 'it is not known whether it arrived';
  return `${destination} was told ${type} of ${nameOf(call)}${at ? ` at ${at}` : ''}: ${where}`;
}

/** What would be erased, for people. */
export function holderLines({ calls, setAside, objects }: Holders): string[] {
  return [
    ...calls.map((call) => `call ${nameOf(call)}`),
    ...setAside.map(({ connection, name }) => `record ${name} of ${connection}`),
    ...objects.map((key) => `object ${key}`),
  ];
}

const BEYOND: Readonly<Record<ReachedErasure['state'], readonly string[]>> = {
  aws: [
    'What forgets by itself: backups of the tables (35 days), their streams (a day), messages in queues (14 days at most, of which nobody is told any more), and a bus archive if the stack has one (14 days at most). A restored backup knows the call again: do this again after that.',
  ],
  running: [
    'The data file may hold it where rows have been, until callwire run has ended and this is done again.',
  ],
  'at rest': [],
};

/** What came of it, for people. */
export function forgetLines(
  { calls, deliveries, incidents, setAside, objects, messages, elsewhere, ...rest }: ForgetResult,
  state: ReachedErasure['state'],
): string[] {
  const erased = [
    `${calls.filter(({ wasStored }) => wasStored).length} calls`,
    `${deliveries} deliveries`,
    `${incidents} incidents`,
    `${setAside} records set aside`,
    `${objects} objects`,
    `${messages} messages`,
  ];
  return [
    `Erased: ${erased.join(', ')}. ${calls.length} calls will not be stored again.`,
    ...(rest.left ? [`Something new holds the number already (${rest.left}): do this again.`] : []),
    ...(rest.written.length > 0
      ? [`You wrote the number yourself in: ${rest.written.join(', ')}.`]
      : []),
    ...(elsewhere.length > 0
      ? ['Told elsewhere, where only a person can take it away:', ...elsewhere.map(elsewhereLine)]
      : []),
    ...BEYOND[state],
  ];
}
