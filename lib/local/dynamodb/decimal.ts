import { validationError } from './errors.ts';

/**
 * DynamoDB's numbers: decimal, up to 38 significant digits, magnitude 1E-130 to 9.99E+125
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html).
 * They are kept as normalized text, so that equal numbers are equal strings; every operation here is exact.
 */
interface Decimal {
  /** All significant digits, as a whole number without trailing zeros. The value is `digits * 10 ** exponent`. */
  readonly digits: bigint;
  readonly exponent: number;
}

const MAX_DIGITS = 38;
const MAX_MAGNITUDE = 125;
const MIN_MAGNITUDE = -130;
/** Any decimal this short has few enough digits to survive as a double, without loss. */
const EXACT_AS_DOUBLE = 15;
const SHORT_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** The one spelling of a number: `+1.50e1` is `15`. Throws a ValidationException for what is no DynamoDB number. */
export function normalizeNumber(text: string): string {
  if (SHORT_INTEGER.test(text)) return text;
  return format(checked(parse(text)));
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. Both normalized. */
export function compareNumbers(a: string, b: string): number {
  if (a.length <= EXACT_AS_DOUBLE && b.length <= EXACT_AS_DOUBLE) return Number(a) - Number(b);
  const [left, right] = align(parse(a), parse(b));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `a + b`, or with `sign` -1 `a - b`. Both normalized. */
export function addNumbers(a: string, b: string, sign: 1 | -1 = 1): string {
  const left = parse(a);
  const right = parse(b);
  const [leftDigits, rightDigits] = align(left, right);
  const exponent = Math.min(left.exponent, right.exponent);
  return format(checked(trimmed(leftDigits + BigInt(sign) * rightDigits, exponent)));
}

/** How many significant digits a normalized number has; its stored size comes from it. */
export const significantDigits = (text: string): number => absoluteDigits(parse(text)).length;

/** Text whose byte order is the order of the numbers, for sort keys. Takes a normalized number. */
export function sortableNumber(text: string): string {
  const number = parse(text);
  if (number.digits === 0n) return '1';
  const digits = absoluteDigits(number);
  const magnitude = String(digits.length + number.exponent + 500).padStart(3, '0');
  if (number.digits > 0n) return `2${magnitude}${digits}`;
  // Larger magnitudes come first below zero, and `~` after every digit puts -1.23 before -1.2.
  return `0${(magnitude + digits).replace(/\d/g, (digit) => String(9 - Number(digit)))}~`;
}

function parse(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (whole + fraction === '') {
    throw validationError(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  return trimmed(
    BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n),
    Number(exponent) - fraction.length,
  );
}

function trimmed(digits: bigint, exponent: number): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  const text = digits.toString();
  const kept = text.replace(/0+$/, '');
  return { digits: BigInt(kept), exponent: exponent + text.length - kept.length };
}

function checked(number: Decimal): Decimal {
  const length = absoluteDigits(number).length;
  if (length > MAX_DIGITS) {
    throw validationError('Attempting to store more than 38 significant digits in a Number');
  }
  const magnitude = length - 1 + number.exponent;
  if (magnitude > MAX_MAGNITUDE || magnitude < MIN_MAGNITUDE) {
    const [what, than] = magnitude > 0 ? ['overflow', 'larger'] : ['underflow', 'smaller'];
    throw validationError(
      `Number ${what}. Attempting to store a number with magnitude ${than} than supported range`,
    );
  }
  return number;
}

function align(a: Decimal, b: Decimal): [bigint, bigint] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [
    a.digits * 10n ** BigInt(a.exponent - exponent),
    b.digits * 10n ** BigInt(b.exponent - exponent),
  ];
}

function absoluteDigits({ digits }: Decimal): string {
  return (digits < 0n ? -digits : digits).toString();
}

function format(number: Decimal): string {
  const sign = number.digits < 0n ? '-' : '';
  const digits = absoluteDigits(number);
  if (number.exponent >= 0) return sign + digits + '0'.repeat(number.exponent);
  const padded = digits.padStart(1 - number.exponent, '0');
  return `${sign}${padded.slice(0, number.exponent)}.${padded.slice(number.exponent)}`;
}
