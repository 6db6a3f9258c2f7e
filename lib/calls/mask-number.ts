import type { Call } from './call.ts';

/** What networks write in place of a number: words that say nothing of a person. */
const NUMBERLESS = /^(anonymous|blocked|private|restricted|unavailable|unknown|withheld)$/i;

/** Enough of a number to recognise a caller, too little to call one. */
export function maskNumber(number: string): string {
  const digits = number.replaceAll(/\D/g, '');
  if (digits.length > 4) return `••• ${digits.slice(-4)}`;
  return NUMBERLESS.test(number) ? number : 'hidden';
}

const masked = (number: string | null): string | null => number && maskNumber(number);

/** The call with its numbers masked. */
export const maskNumbers = (call: Call): Call => ({
  ...call,
  from: masked(call.from),
  to: masked(call.to),
  contactNumber: masked(call.contactNumber),
  agentNumber: masked(call.agentNumber),
});
