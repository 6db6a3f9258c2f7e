import { setTimeout as sleep } from 'node:timers/promises';
import { checkConnection } from '../check/check-connection.ts';
import { checkDestination } from '../check/check-destination.ts';
import { type CheckFinding, ok, warning, wrong } from '../check/check-finding.ts';
import { type Check, type CheckedSubject, runChecks } from '../check/run-checks.ts';
import { type CallwireConfig, readCallwireFile } from '../config/callwire-file.ts';
import { ConfigError, type Problem } from '../config/config-error.ts';
import { destinations } from '../destinations/index.ts';
import { createHttpClient } from '../http.ts';
import { providerById, providers } from '../providers/index.ts';
import { SECOND_MS } from '../time.ts';
import { localPlace } from './check-local.ts';
import type { CheckPlace } from './check-place.ts';
import { checkJson, checkLines, countFindings } from './check-words.ts';
import { EXIT } from './exit-status.ts';
import { readTextFile } from './read-config.ts';
import { destinationPrefix, PROVIDERS_PREFIX } from './secret-references.ts';
import { senderOf } from './sender-of.ts';

export interface CheckOptions {
  readonly config: string;
  readonly data: string;
  readonly stack?: string | undefined;
  readonly sendTest: boolean;
  readonly json: boolean;
}

/** Longer than all requests to one destination may take. */
const LIMIT_MS = 40 * SECOND_MS;

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => new Promise(() => {}));

const placed = ({ line, path, message }: Problem): string =>
  `line ${line}${path === '' ? '' : `, ${path}`}: ${message}`;

/** What the file says, as far as it can be read. */
function readFile(file: string): { config?: CallwireConfig; findings: CheckFinding[] } {
  const text = readTextFile(file, 'Write one with `npx callwire init`, or name one with --config.');
  try {
    const { config, warnings } = readCallwireFile(text, { file, providers, destinations });
    const { connections, destinations: told, routes } = config;
    const counts = `${connections.length} connections, ${told.length} destinations, ${routes.length} routes`;
    return {
      config,
      findings: [
        ok('file', `${counts}; routes lead where they say`),
        ...warnings.map((problem) => warning('file', placed(problem), problem.fix)),
      ],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      findings: error.problems.map((problem) => wrong('file', placed(problem), problem.fix)),
    };
  }
}

/** Everything that a configuration names. */
function checksOf(config: CallwireConfig, place: CheckPlace, sendTest: boolean): Check[] {
  const now = () => new Date();
  const http = createHttpClient(now);
  return [
    ...config.connections.map((settings) => ({
      subject: `connections/${settings.id}`,
      run: () =>
        checkConnection(settings, providerById(settings.provider), {
          http,
          now,
          secret: place.secret(PROVIDERS_PREFIX),
        }),
    })),
    ...config.destinations.map((settings) => ({
      subject: `destinations/${settings.id}`,
      run: async () => {
        const sender = await senderOf(settings.kind);
        const secret = place.secret(destinationPrefix(settings.kind));
        return checkDestination(settings, { sender, secret, sendTest });
      },
    })),
    ...place.checks,
  ];
}

/** Tells whether everything that a configuration names works, and what to do where not. Returns the exit status. */
export async function check(options: CheckOptions): Promise<number> {
  const { config: file, data, stack, sendTest, json } = options;
  const { config, findings } = readFile(file);
  const checked: CheckedSubject[] = [{ subject: file, findings }];
  if (config !== undefined) {
    const place =
      stack === undefined
        ? localPlace(data, process.env)
        : (await import('./check-stack.ts')).stackPlace(stack, config);
    const checks = checksOf(config, place, sendTest);
    console.error(`callwire: checking ${checks.length} things at once …`);
    const onDone = ({ subject }: CheckedSubject) => console.error(`callwire: checked ${subject}`);
    checked.push(...(await runChecks(checks, { limitMs: LIMIT_MS, wait, onDone })));
  }
  console.log(json ? JSON.stringify(checkJson(checked)) : checkLines(checked).join('\n'));
  return countFindings(checked).wrong === 0 ? EXIT.allIsWell : EXIT.needsALook;
}
