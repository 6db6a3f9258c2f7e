import { isOtherSide } from '../errors.ts';
import { type CheckFinding, wrong } from './check-finding.ts';

/** @throws PermanentError, naming the reference only */
export type ReadSecret = (reference: string) => Promise<string>;

/** Where in Secrets Manager a reference leads to. */
const placeOf = (reference: string): string => {
  const [, secret = reference, key] = /^secret:([^#]+)(?:#(.+))?$/.exec(reference) ?? [];
  return key === undefined ? `the secret ${secret}` : `${key} in the secret ${secret}`;
};

/** What to do about a reference that leads to nothing. */
function howToSet(reference: string): string {
  const [, variable] = /^env:(.+)$/.exec(reference) ?? [];
  return variable === undefined
    ? `Write ${placeOf(reference)} in AWS Secrets Manager.`
    : `Set it first: export ${variable}=…`;
}

/** What to do about a value that is not accepted. */
export function howToReplace(reference: string): string {
  const [, variable] = /^env:(.+)$/.exec(reference) ?? [];
  return variable === undefined
    ? `Write the right one as ${placeOf(reference)} in AWS Secrets Manager.`
    : `Give the variable ${variable} the right one: export ${variable}=…`;
}

/** The value behind a reference, or what is wrong with it. */
export async function resolveSecret(
  what: string,
  reference: string,
  readSecret: ReadSecret,
): Promise<{ readonly value: string } | { readonly finding: CheckFinding }> {
  try {
    return { value: await readSecret(reference) };
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    const finding =
      error.reason === 'key_missing'
        ? wrong(what, `${reference} leads to nothing`, howToSet(reference))
        : wrong(what, `${reference} cannot be read`, error.message);
    return { finding };
  }
}
