import { nationalDigits } from '../crm/phone.ts';

/** Fewer digits could be anything. */
const LEAST_DIGITS = 7;

/** What people and providers write between the digits of a number. */
const BETWEEN = '[\\s().\\-\\u00a0\\u2010-\\u2015/]{0,3}';

/** Where the figures of other scripts begin: Arabic, Persian and Urdu, Devanagari, full width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0xff10];

function asciiDigit(figure: string): string {
  const code = figure.codePointAt(0) ?? 0;
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  return zero === undefined ? figure : String(code - zero);
}

/**
 * Whether a text holds a phone number, in any of the spellings in which numbers are written: with or
 * without its country code, with a zero or two before it, whatever stands between its digits.
 *
 * @param number in E.164
 */
export function numberIn(number: string): (text: string) => boolean {
  const digits = number.slice(1);
  const national = nationalDigits(number);
  const code = digits.slice(0, digits.length - national.length);
  const isTelling = national.length >= LEAST_DIGITS;
  const spellings = [
    ...[digits, `00${digits}`, `011${digits}`, `${code}0${national}`],
    ...(isTelling ? [national, `0${national}`] : []),
  ].map((spelling) => [...spelling].join(BETWEEN));
  const spelled = new RegExp(`(?<!\\d)(?:${spellings.join('|')})(?!\\d)`, 'u');
  return (written) => {
    const text = written.replaceAll(/\p{Nd}/gu, asciiDigit);
    // Most texts are seen at once not to hold it.
    return text.replaceAll(/\D/g, '').includes(national) && spelled.test(text);
  };
}
