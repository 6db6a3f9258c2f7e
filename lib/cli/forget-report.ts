import type { CallKey } from '../calls/call.ts';
import type { Holders, Unreadable } from '../erasure/find-number.ts';
import type { ToldElsewhere } from '../erasure/forget-call.ts';
import type { ReachedErasure } from './reach-erasure.ts';
import { asOneLine } from './telling.ts';

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
  /** Items that nobody can read, */
  readonly unreadable: number;
  /** and how many of them may hold the number: as long as there are such, it is not forgotten. */
  readonly mayHold: number;
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

/** An item that nobody can read and to which nothing was done, for whoever looks at it. */
export function unreadableLine({ item, call, mayHold }: Unreadable): string {
  const name = asOneLine(item);
  if (!mayHold) return `${name} cannot be read, but the number is not in it.`;
  const erase = call ? `, or erase it with --call ${name}` : '';
  return `${name} cannot be read, and may hold the number: look at it${erase}.`;
}

export const unreadIn = (
  unreadable: readonly Unreadable[],
): Pick<ForgetResult, 'unreadable' | 'mayHold'> => ({
  unreadable: unreadable.length,
  mayHold: unreadable.filter(({ mayHold }) => mayHold).length,
});

export const nothingLine = ({ mayHold }: Pick<ForgetResult, 'mayHold'>): string =>
  mayHold > 0 ? 'Nothing that can be read holds it.' : 'Nothing holds it.';

export const unfinishedLine = ({ mayHold }: Pick<ForgetResult, 'mayHold'>): string[] =>
  mayHold > 0
    ? [`This is not finished: ${mayHold} items that cannot be read may hold the number.`]
    : [];

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
    ...unfinishedLine(rest),
    ...(rest.written.length > 0
      ? [`You wrote the number yourself in: ${rest.written.join(', ')}.`]
      : []),
    ...(elsewhere.length > 0
      ? ['Told elsewhere, where only a person can take it away:', ...elsewhere.map(elsewhereLine)]
      : []),
    ...BEYOND[state],
  ];
}
