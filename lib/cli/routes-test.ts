import { type RouteTestResult, readRouteTests, runRouteTests } from '../routing/route-tests.ts';
import { EXIT } from './exit-status.ts';
import { readConfigFile, readTextFile } from './read-config.ts';
import { explanationLines, toldInWords } from './route-words.ts';

export interface RoutesTestOptions {
  readonly file: string;
  readonly config: string;
  readonly json: boolean;
}

function resultLines(result: RouteTestResult, file: string): string[] {
  const { name, line, passed, expected, destinations } = result;
  if (passed) return [`ok    ${name}`];
  return [
    `FAIL  ${name}  (${file}:${line})`,
    `      expected: ${toldInWords(expected)}`,
    `      happened: ${toldInWords(destinations)}`,
    ...explanationLines(result).map((text) => `        ${text}`),
  ];
}

/** Checks that the routes of a configuration do what a file of tests expects. Returns the exit status. */
export async function routesTest({ file, config, json }: RoutesTestOptions): Promise<number> {
  const settings = readConfigFile(config);
  const text = readTextFile(file, 'Name your tests, as in: callwire routes test routes.test.yaml.');
  const results = runRouteTests(readRouteTests(text, file, settings), settings.routes);

  const failed = results.filter(({ passed }) => !passed).length;
  const passed = results.length - failed;
  const say = json ? console.error : console.log;
  for (const result of results) for (const line of resultLines(result, file)) say(line);
  say(`${passed} passed, ${failed} failed.`);
  if (json) console.log(JSON.stringify({ passed, failed, cases: results }));
  return failed === 0 ? EXIT.allIsWell : EXIT.needsALook;
}
