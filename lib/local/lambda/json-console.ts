import { format } from 'node:util';
import type { LogLevel } from '../template/declarations.ts';

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Makes `console` write what Lambda's JSON log format writes: one object a line, below `threshold`
 * nothing. The threshold matters here because it also swallows metrics printed with `console.log`,
 * and that should be seen before it is deployed. Text that is JSON already is not wrapped again.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export function logAsJson(threshold: LogLevel, requestId: () => string): void {
  const printAt =
    (level: LogLevel) =>
    (...values: readonly unknown[]) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(threshold)) {
        return;
      }
      const [first] = values;
      process.stdout.write(
        values.length === 1 && isJsonObject(first)
          ? `${first}\n`
          : `${JSON.stringify(lineOf(level, requestId(), values))}\n`,
      );
    };

  console.trace = printAt('TRACE');
  console.debug = printAt('DEBUG');
  console.log = printAt('INFO');
  console.info = printAt('INFO');
  console.warn = printAt('WARN');
  console.error = printAt('ERROR');
}

function lineOf(level: LogLevel, requestId: string, values: readonly unknown[]) {
  const error = values.find((value) => value instanceof Error);
  return {
    timestamp: new Date().toISOString(),
    level,
    requestId,
    message: values.length === 1 && isPlain(values[0]) ? values[0] : format(...values),
    ...(error && {
      errorType: error.name,
      errorMessage: error.message,
      stackTrace: error.stack?.split('\n'),
    }),
  };
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

function isJsonObject(value: unknown): value is string {
  if (typeof value !== 'string' || !value.startsWith('{')) {
    return false;
  }
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
