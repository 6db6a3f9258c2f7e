import type { Call } from '../calls/call.ts';

/** How a number is shown until somebody asks for it: enough to tell two apart. */
export function maskNumber(number: string): string {
  const digits = number.replaceAll(/\D/g, '');
  return digits.length > 4 ? `••• ${digits.slice(-4)}` : '•••';
}

/** What people dial, however it is written: no date, no id and no amount. */
const looksLikeNumber = (text: string): boolean =>
  /^\+?[\d\s().-]{8,24}$/.test(text) &&
  !/^\d{4}-\d\d-\d\d/.test(text) &&
  /^\d{8,15}$/.test(text.replaceAll(/\D/g, ''));

function maskWithin(value: Call['attributes'][string]): Call['attributes'][string] {
  if (typeof value === 'string') return looksLikeNumber(value) ? maskNumber(value) : value;
  if (Array.isArray(value)) return value.map(maskWithin);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, maskWithin(each)]));
}

const masked = (number: string | null): string | null => number && maskNumber(number);

/** The call without the numbers that lead to a person, also where they are attributes. */
export const maskCall = (call: Call): Call => ({
  ...call,
  from: masked(call.from),
  to: masked(call.to),
  contactNumber: masked(call.contactNumber),
  agentNumber: masked(call.agentNumber),
  attributes: Object.fromEntries(
    Object.entries(call.attributes).map(([name, value]) => [name, maskWithin(value)]),
  ),
});
