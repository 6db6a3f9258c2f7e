import * as z from 'zod';
import type { Call } from '../calls/call.ts';
import { formatOf, isE164, type NumberFormat, numberFormats } from './phone.ts';

const ownNumber = z.string().refine(isE164, {
  error: 'is not a number in full; write it with its country code, such as "+966112223333"',
});

/** Whose call it is, and what to do when nobody or several may be meant. */
export const contactsSchema = z.strictObject({
  /** When nobody has the caller's number. `skip`: the call is not logged either. */
  none: z.enum(['log-unassociated', 'skip', 'create']).default('log-unassociated'),
  /** When several have it: the one created last, the one created first, none of them, or no log at all. */
  many: z.enum(['newest', 'first', 'log-unassociated', 'skip']).default('newest'),
  /** The formats that count as the caller's number, best first: a worse one is taken only where there is no better. */
  formats: z
    .array(z.enum(numberFormats))
    .min(1, { error: 'is empty; write at least one of e164, digits and national' })
    .default([...numberFormats]),
  /** Numbers of our own: nobody is looked up by them, whoever dialled. */
  ours: z.array(ownNumber).default([]),
});
export type ContactPolicy = z.infer<typeof contactsSchema>;

/** The person's number, whoever called whom; never the agent's, nor another of our own. */
export function callerOf(
  { contactNumber, agentNumber, direction, from, to }: Call,
  { ours }: Pick<ContactPolicy, 'ours'>,
): string | undefined {
  const number =
    contactNumber ?? (direction === 'inbound' ? from : direction === 'outbound' ? to : null);
  if (number === null || !isE164(number)) return undefined;
  return number === agentNumber || ours.includes(number) ? undefined : number;
}

/** Somebody in the CRM, with all numbers that were typed there. */
export interface Candidate {
  readonly id: string;
  readonly numbers: readonly string[];
}

/** Ids of those who have the number, in the best format that anybody has it in. Their order is kept. */
export function withNumber(
  candidates: readonly Candidate[],
  number: string,
  formats: readonly NumberFormat[],
): readonly string[] {
  for (const format of formats) {
    const found = candidates.filter(({ numbers }) =>
      numbers.some((typed) => formatOf(typed, number) === format),
    );
    if (found.length > 0) return found.map(({ id }) => id);
  }
  return [];
}

/** What the policy says: whom to associate, if anybody, or why the call is not to be logged. */
export type Choice =
  | { readonly contact: string | undefined }
  | { readonly declined: 'no_contact' | 'several_contacts' };

/**
 * Applies the policy to who was found, the preferred one first.
 *
 * @returns `create` when somebody is to be created
 */
export function decide(
  [first, ...others]: readonly string[],
  { none, many }: Pick<ContactPolicy, 'none' | 'many'>,
): Choice | 'create' {
  if (first === undefined) {
    if (none === 'create') return 'create';
    return none === 'skip' ? { declined: 'no_contact' } : { contact: undefined };
  }
  if (others.length > 0 && many === 'skip') return { declined: 'several_contacts' };
  if (others.length > 0 && many === 'log-unassociated') return { contact: undefined };
  return { contact: first };
}

/** Of a call without a usable number: nobody is to be created for it either. */
export const decideWithoutNumber = ({ none }: Pick<ContactPolicy, 'none'>): Choice =>
  none === 'skip' ? { declined: 'no_contact' } : { contact: undefined };
