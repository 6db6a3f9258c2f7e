import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { type NumberFormat, nationalDigits } from './phone.ts';

/**
 * An E.164 number as people write it in these formats, for CRMs that find only what is spelled the same:
 * with and without the punctuation that is usual in its country.
 */
export function spellingsOf(number: string, formats: readonly NumberFormat[]): readonly string[] {
  const parsed = parsePhoneNumberFromString(number);
  const digits = number.slice(1);
  const national = nationalDigits(number);
  const usual = parsed?.formatNational() ?? national;
  const spellings: Readonly<Record<NumberFormat, readonly string[]>> = {
    e164: [number, parsed?.formatInternational() ?? number, `00${digits}`],
    digits: [digits],
    national: [national, usual, usual.replaceAll(/\D/g, ''), usual.replaceAll(/\D+/g, '-')],
  };
  const all = formats.flatMap((format) => spellings[format]);
  return [...new Set(all.map((spelling) => spelling.replace(/^-|-$/g, '')))];
}
