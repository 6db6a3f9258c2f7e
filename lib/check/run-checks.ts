import { type CheckFinding, wrong } from './check-finding.ts';

/** One thing to check. */
export interface Check {
  /** As it is called for people: `connections/clinic-riyadh`. */
  readonly subject: string;
  run(): Promise<readonly CheckFinding[]>;
}

export interface CheckedSubject {
  readonly subject: string;
  readonly findings: readonly CheckFinding[];
}

export interface RunChecksOptions {
  /** For each of them; longer than any single request may take. */
  readonly limitMs: number;
  /** Resolves after so many milliseconds, and never once `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  onDone(done: CheckedSubject): void;
}

/** Makes all checks at once. One that fails or hangs takes no other with it. */
export async function runChecks(
  checks: readonly Check[],
  { limitMs, wait, onDone }: RunChecksOptions,
): Promise<CheckedSubject[]> {
  return Promise.all(
    checks.map(async ({ subject, run }) => {
      const ended = new AbortController();
      const tooSlow = wait(limitMs, ended.signal).then(() => [
        wrong('check', `it took longer than ${limitMs / 1000} s`, 'Check the network here.'),
      ]);
      const findings = await Promise.race([run().catch(fault), tooSlow]);
      ended.abort();
      const done = { subject, findings };
      onDone(done);
      return done;
    }),
  );
}

/** Of an error that nobody expected only the name: the rest may hold anything. */
const fault = (error: unknown): readonly CheckFinding[] => [
  wrong(
    'check',
    `it could not be made (${error instanceof Error ? error.name : typeof error})`,
    'That is a fault of Callwire, not of what you did: please report it.',
  ),
];
