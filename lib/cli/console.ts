import packageJson from '../../package.json' with { type: 'json' };
import { type Console, serveConsole } from '../console/server.ts';
import { orWithFix } from './aws-trouble.ts';
import { EXIT } from './exit-status.ts';
import { tellOf, UserError } from './failure.ts';
import type { Place } from './locate.ts';
import { type ReachedRecords, reachRecords } from './reach-records.ts';
import { handleSignals } from './stopping.ts';

export interface ConsoleOptions extends Place {
  readonly port?: number | undefined;
  readonly seconds?: number | undefined;
  readonly json: boolean;
}

/** The same each time where it is free, so that a bookmark leads there again. */
const USUAL_PORT = 8686;

const isTaken = (error: unknown): boolean => Object(error).code === 'EADDRINUSE';

/** What a person is told of trouble with reading: what to do, where there is something. */
const explain = async (error: unknown): Promise<string> => {
  const told = await orWithFix(Promise.reject(error)).catch((better: unknown) => better);
  return tellOf(told, { debug: false }).text;
};

/**
 * Serves the console of records.
 *
 * @throws UserError when the port that was asked for is taken
 */
export async function openConsole(
  { records, unreadable }: Pick<ReachedRecords, 'records' | 'unreadable'>,
  { port, place, local }: { port?: number | undefined; place: string; local: boolean },
): Promise<Console> {
  const serveAt = (at: number | undefined) =>
    serveConsole({
      records,
      unreadable,
      explain,
      port: at,
      now: () => new Date(),
      place: { place, local, version: packageJson.version },
    });
  try {
    return await serveAt(port ?? USUAL_PORT);
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (port === undefined) return serveAt(undefined);
    throw new UserError(`Port ${port} is taken. Name another with --port.`);
  }
}

/** Serves the console until it is stopped. Returns the exit status. */
export async function consoleOf(options: ConsoleOptions): Promise<number> {
  const { data, stack, port, seconds, json } = options;
  const { untilTimeOrSignal } = handleSignals();
  const reached = await orWithFix(reachRecords({ data, stack }));
  try {
    const place = stack === undefined ? `data in ${data}` : `stack ${stack}`;
    const opened = await openConsole(reached, { port, place, local: stack === undefined });
    try {
      console.log(json ? JSON.stringify({ url: opened.url }) : opened.url);
      console.error('callwire: open this address in a browser on this machine; Ctrl-C ends it');
      await untilTimeOrSignal(seconds);
    } finally {
      await opened.close();
    }
    return EXIT.allIsWell;
  } finally {
    await reached.close();
  }
}
