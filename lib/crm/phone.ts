/** E.164: a plus and 7 to 15 digits. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** The country codes of ITU-T E.164 with one or two digits; all others have three. None begins another. */
const COUNTRY_CODE = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/**
 * How people write a number into a CRM, whatever they put between its digits: `e164` as it is dialled
 * from abroad (`+966 50…`, `0096650…`), `digits` the same without the plus, `national` without country code.
 */
export const numberFormats = ['e164', 'digits', 'national'] as const;
export type NumberFormat = (typeof numberFormats)[number];

export const isE164 = (number: string): boolean => E164.test(number);

/** The digits of an E.164 number without its country code. */
export const nationalDigits = (number: string): string => number.slice(1).replace(COUNTRY_CODE, '');

/** Text after a number: an extension, or a second number. */
const TAIL = /\s*(?:ext|x|[,;#/]).*$/is;

/** In which format somebody typed this E.164 number; undefined when it is another number. */
export function formatOf(typed: string, number: string): NumberFormat | undefined {
  // `+44 (0)20…`: the zero is not dialled from abroad.
  const text = typed.replace(TAIL, '').replace('(0)', '').trim();
  const digits = text.replaceAll(/\D/g, '');
  const abroad = text.startsWith('+')
    ? digits
    : digits.startsWith('00')
      ? digits.slice(2)
      : undefined;
  if (abroad !== undefined) return abroad === number.slice(1) ? 'e164' : undefined;
  if (digits === number.slice(1)) return 'digits';
  const national = nationalDigits(number);
  return digits === national || digits.replace(/^0/, '') === national ? 'national' : undefined;
}
