import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';

const regionOf = (region: string | undefined): CountryCode | undefined =>
  region !== undefined && isSupportedCountry(region) ? region : undefined;

/**
 * A number in E.164 where it can be read as one, else as it was written: `anonymous` and SIP
 * addresses are facts too.
 *
 * @param region ISO country of numbers that carry no country code
 */
export function normalizePhone(written: string | null | undefined, region?: string): string | null {
  const text = written?.trim();
  if (!text) return null;
  const parsed = parsePhoneNumberFromString(text, regionOf(region));
  return parsed?.isPossible() ? parsed.number : text;
}
