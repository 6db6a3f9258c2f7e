import { ConfigError, formatProblems } from '../config/config-error.ts';
import { EXIT } from './exit-status.ts';

/** Something a person did or has to do: printed as it is, without a stack. */
export class UserError extends Error {
  override name = 'UserError';
}

/** What a person is told of an error, and the exit status that goes with it. */
export function tellOf(
  error: unknown,
  { debug }: { debug: boolean },
): { text: string; status: number } {
  if (error instanceof ConfigError) {
    return { text: formatProblems(error), status: EXIT.cannotBeDone };
  }
  if (error instanceof UserError) return { text: error.message, status: EXIT.cannotBeDone };
  const [name, message] =
    error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
  return {
    text: [
      `callwire: ${name}: ${message}`,
      'Nobody expected this: it is a fault of Callwire, not of what you did. Please report it, as',
      'CONTRIBUTING.md says, with what the same command prints under CALLWIRE_DEBUG=1.',
      ...(debug ? [stackOf(error)] : []),
    ].join('\n'),
    status: EXIT.needsALook,
  };
}

/** The stack, and those of what caused it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`;
}
