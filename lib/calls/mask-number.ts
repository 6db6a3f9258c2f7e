import type { Call } from './call.ts';

/** What networks write in place of a number: words that say nothing of a person. */
const NUMBERLESS = /^(anonymous|blocked|private|restricted|unavailable|unknown|withheld)$/i;

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

/** Enough of a number to recognise a caller, too little to call one. */
export function maskNumber(number: string): string {
  const digits = digitsOf(number);
  if (digits.length > 4) return `••• ${digits.slice(-4)}`;
  return NUMBERLESS.test(number) ? number : 'hidden';
}

/** Written as a number alone, however it is spaced; a date is none. */
const LOOKS_LIKE_NUMBER = /^\+?[\d\s().-]{7,24}$/;
const LOOKS_LIKE_DATE = /^\d{4}-\d\d-\d\d/;
/** No network has longer ones. */
const isNumber = (text: string): boolean =>
  LOOKS_LIKE_NUMBER.test(text) && !LOOKS_LIKE_DATE.test(text) && digitsOf(text).length <= 15;

/** Within other words only what begins as an international one can be told from any figures. */
const INTERNATIONAL = /\+\d[\d\s().-]{6,}\d/g;

/**
 * A provider's record with the numbers in it masked: whatever is written like one, and those of the call
 * wherever they stand.
 *
 * @param known the numbers of the call
 */
export function maskNumbersIn(record: unknown, known: readonly string[]): unknown {
  if (typeof record === 'string') {
    if (isNumber(record)) return maskNumber(record);
    return known
      .reduce((text, number) => text.replaceAll(number, maskNumber(number)), record)
      .replaceAll(INTERNATIONAL, maskNumber);
  }
  if (typeof record === 'number') {
    return known.some((number) => digitsOf(number) === String(record))
      ? maskNumber(String(record))
      : record;
  }
  if (Array.isArray(record)) return record.map((each) => maskNumbersIn(each, known));
  if (typeof record !== 'object' || record === null) return record;
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, maskNumbersIn(value, known)]),
  );
}

const masked = (number: string | null): string | null => number && maskNumber(number);

/** The numbers of a call, as they are written in it. */
export const numbersOf = ({ from, to, contactNumber, agentNumber }: Call): string[] =>
  [from, to, contactNumber, agentNumber].flatMap((number) => number || []);

/** The call with its numbers masked, also where they stand in its summary or its attributes. */
export function maskNumbers(call: Call): Call {
  // Texts stay texts, lists lists: only what they say changes.
  const within = <T>(value: T): T => maskNumbersIn(value, numbersOf(call)) as T;
  return {
    ...call,
    from: masked(call.from),
    to: masked(call.to),
    contactNumber: masked(call.contactNumber),
    agentNumber: masked(call.agentNumber),
    summary: within(call.summary),
    attributes: within(call.attributes),
  };
}
