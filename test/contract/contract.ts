/**
 * The event contract as files that others build on: generated from the one schema, compared with what was
 * released, and held against every event of a demo run. `npm run contract -- --help` says how.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readConfigText } from '../../lib/cli/read-config.ts';
import { startSession } from '../../lib/cli/session.ts';
import { startSimulatedSide } from '../../lib/cli/simulated-side.ts';
import { breakingChanges } from '../../lib/contract/breaking-changes.ts';
import type { JsonSchema } from '../../lib/contract/json-schema.ts';
import { generateArtifacts } from './artifacts.ts';
import { asyncApiProblems, danglingReferences, eventValidator } from './validators.ts';

const HELP = `Generates the event contract into lib/contract/artifacts: JSON Schema, AsyncAPI, types, samples, patterns.

  npm run contract                       writes them anew
  npm run contract -- --check            exit status 1 if they are stale, break a consumer of what was released,
                                         fail a public validator, or if an event of a demo run fails the schema
  npm run contract -- --check --json     the same, with one line of JSON on stdout
  npm run contract -- --release          what is generated becomes what was released: with a release, never to
                                         silence --check. What breaks a consumer needs a new schemaVersion

Options: --seconds <n>  how long the demo of --check runs (15)`;

const FOLDER = join(import.meta.dirname, '..', '..', 'lib', 'contract', 'artifacts');
const RELEASED = 'released.schema.json';
const DRAIN_MS = 60_000;

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    release: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '15' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const read = (name: string): string | undefined => {
  try {
    return readFileSync(join(FOLDER, name), 'utf8');
  } catch {
    return undefined;
  }
};

const schemaIn = (text: string): JsonSchema => JSON.parse(text) as JsonSchema;

/** Every event that a demo with all its faults puts on the bus, as it is there. */
async function eventsOfDemo(seconds: number): Promise<unknown[]> {
  const events: unknown[] = [];
  const side = await startSimulatedSide({ faults: true });
  try {
    const session = await startSession({
      config: readConfigText(side.config, 'demo'),
      dataFolder: undefined,
      secrets: side.secrets,
      progress: (step) => console.error(`contract: ${step} …`),
      onTap: (tap) => {
        if (tap.kind === 'event') events.push(tap.event.detail);
      },
    });
    try {
      await session.startPolling();
      await wait(seconds * 1000);
      side.freeze();
      await session.stopPolling();
      await session.drain(DRAIN_MS);
    } finally {
      await session.close();
    }
  } finally {
    await side.close();
  }
  return events;
}

async function check(artifacts: ReadonlyMap<string, string>, seconds: number) {
  const stale = [...artifacts].flatMap(([name, text]) => (read(name) === text ? [] : [name]));
  const schema = artifacts.get('event.schema.json') ?? '';
  const breaking = breakingChanges(schemaIn(read(RELEASED) ?? schema), schemaIn(schema));
  const asyncapi: unknown = JSON.parse(artifacts.get('asyncapi.json') ?? '');
  const documents = [...asyncApiProblems(asyncapi), ...danglingReferences(asyncapi)];
  const problemsOf = eventValidator();
  const events = await eventsOfDemo(seconds);
  const problems = events.flatMap((event) => problemsOf(event).slice(0, 1));

  for (const name of stale) console.error(`contract: ${name} is stale: npm run contract`);
  for (const { path, problem } of breaking)
    console.error(`contract: ${path || 'event'} ${problem}`);
  for (const problem of documents) console.error(`contract: asyncapi.json: ${problem}`);
  for (const problem of new Set(problems)) console.error(`contract: an event: ${problem}`);
  return {
    breaking: breaking.length,
    eventsValidated: events.length,
    invalid: problems.length,
    documentProblems: documents.length,
    stale,
  };
}

if (options.help) {
  console.log(HELP);
} else {
  const artifacts = await generateArtifacts();
  if (options.check) {
    const seconds = Number(options.seconds);
    if (!(seconds > 0)) throw new Error('--seconds takes a number of seconds, such as 15');
    const result = await check(artifacts, seconds);
    const { breaking, eventsValidated, invalid, documentProblems, stale } = result;
    console.log(
      options.json
        ? JSON.stringify(result)
        : `${breaking} breaking changes; ${eventsValidated} events validated, ${invalid} of them invalid; ${documentProblems} problems in the documents; ${stale.length} files stale.`,
    );
    const isWell = breaking + invalid + documentProblems + stale.length === 0;
    process.exitCode = isWell && eventsValidated > 0 ? 0 : 1;
  } else {
    mkdirSync(FOLDER, { recursive: true });
    const files = [...artifacts];
    const schema = artifacts.get('event.schema.json');
    if ((options.release || read(RELEASED) === undefined) && schema) files.push([RELEASED, schema]);
    for (const [name, text] of files) writeFileSync(join(FOLDER, name), text);
    console.log(`Written to lib/contract/artifacts: ${files.map(([name]) => name).join(', ')}.`);
  }
}
