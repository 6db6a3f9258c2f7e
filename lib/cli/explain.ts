import { text as readAll } from 'node:stream/consumers';
import { explainRoutes } from '../routing/explain.ts';
import { readEventFile } from '../routing/route-tests.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { readConfigFile, readTextFile } from './read-config.ts';
import { explanationLines, toldInWords } from './route-words.ts';

export interface ExplainOptions {
  /** A file, or `-` for standard input. */
  readonly event: string;
  readonly config: string;
  readonly json: boolean;
}

const HINT = 'Name a file with --event, or hand the event over: callwire explain < event.json.';

async function textOf(file: string): Promise<string> {
  if (file !== '-') return readTextFile(file, HINT);
  if (process.stdin.isTTY) throw new UserError(`There is no event. ${HINT}`);
  return readAll(process.stdin);
}

/** Says of an event which routes it takes, and why not the others. Returns the exit status. */
export async function explain({ event: file, config, json }: ExplainOptions): Promise<number> {
  const settings = readConfigFile(config);
  const event = readEventFile(await textOf(file), file === '-' ? 'standard input' : file, settings);
  const explanation = explainRoutes(event, settings.routes);

  const say = json ? console.error : console.log;
  for (const line of explanationLines(explanation)) say(line);
  say(`${event.type} is told to: ${toldInWords(explanation.destinations)}`);
  if (json) console.log(JSON.stringify(explanation));
  return EXIT.allIsWell;
}
