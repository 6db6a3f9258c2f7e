import type { ReadSecret } from '../check/check-secret.ts';
import type { Check } from '../check/run-checks.ts';

/** Where a configuration is to run, as far as it can be checked. */
export interface CheckPlace {
  /** Store and bus, and what else there is of the place itself. */
  readonly checks: readonly Check[];
  /** Reads secrets as the function may that needs them: those below `prefix` on AWS. */
  secret(prefix: string): ReadSecret;
}
