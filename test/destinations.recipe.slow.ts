import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  copyProject,
  failed,
  ROOT,
  read,
  recipeOf,
  run,
  runTests,
  suitesThatRead,
} from './support/project-copy.ts';

/** The files that the README names, by step. */
const named = recipeOf('Add a destination');
const [folder = '', settings = '', sending = ''] = named(1);
const [list = ''] = named(2);
const [sample = ''] = named(3);

const KIND = 'beacon';

/** What somebody new would write, who stands in the folder that it belongs to. */
const given = (name: string): string =>
  read(ROOT, 'test', 'recipe', KIND, name)
    .replaceAll("'../../../lib/destinations/", "'../")
    .replaceAll("'../../../lib/", "'../../")
    .replaceAll("'../../destinations/", "'../");

/** Adds it to a copy of the project in three steps: a folder, a line, a sample. */
function follow(
  copy: string,
  kind: string,
  change: (text: string) => string = (text) => text,
): void {
  const write = (path: string, text: string) => {
    const place = join(copy, path.replace('<kind>', kind));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text.replaceAll(KIND, kind));
  };
  write(join(folder, settings), change(given(settings)));
  write(join(folder, sending), change(given(sending)));

  const listed = read(copy, list);
  const line = `import { ${kind} } from './${kind}/${settings}';\n`;
  writeFileSync(join(copy, list), line + listed.replace(/(\[\] = \[)/, `$1${kind}, `));

  write(sample, given('sample.ts'));
}

/** The suites that loop over the list of destinations: they read it. */
const looping = suitesThatRead('lib/destinations/index.ts');

const DEFECTS: [kind: string, from: string, to: string, found: string][] = [
  ['greedy', 'token: secretRefSchema', 'token: z.string()', 'never takes a secret itself'],
  ['lax', 'z.strictObject', 'z.looseObject', 'refuses settings that it does not know'],
  ['hasty', 'status === 429', 'status === 428', 'statuses that may pass'],
  ['stubborn', 'status >= 500 ||', '', 'statuses that may pass'],
  [
    'deaf',
    "'rate_limited', retryAfterMs: asked",
    "'rate_limited'",
    'how long it was asked to wait',
  ],
  ['sure', '{ maybeDone: !neverSent(error) }', '{}', 'may have been carried out'],
  ['gossip', "'Beacon gave no answer'", 'secrets.token ?? ""', 'leaks neither secret'],
  ['wanderer', "redirect: 'manual'", "redirect: 'follow'", 'leads elsewhere'],
  [
    'nameless',
    'key: event.id, board: settings.board, event',
    'event: { ...event, id: "" }',
    'tells repeats by',
  ],
];

describe('another kind of destination, added as the README says', () => {
  let copy: string;

  beforeAll(() => {
    copy = copyProject();
    follow(copy, KIND);
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('is a folder, a line and a sample', () => {
    expect([folder, settings, sending, list, sample]).toEqual([
      'lib/destinations/<kind>/',
      'index.ts',
      'send.ts',
      'lib/destinations/index.ts',
      'test/destinations/samples/<kind>.ts',
    ]);
    expect(dirname(list)).toBe(dirname(folder));
    expect(basename(list)).toBe(settings);
  });

  it('fits the types', async () => {
    const { status, output } = await run(copy, 'typescript/bin/tsc', '-p', '.');

    expect([status, output]).toEqual([0, '']);
  }, 120_000);

  it('is tested unasked, by every suite that loops over the list, and passes', async () => {
    const { status, results, files } = await runTests(copy, ['test/architecture', ...looping]);
    const passed = results
      .filter((result) => result.status === 'passed' && result.name.includes(KIND))
      .map(({ name }) => name);

    expect(files).toHaveLength(looping.length + 1);
    expect([status, ...failed(results)]).toEqual([0]);
    expect(passed).toContain(`${KIND} delivers an event once, however often it is asked to`);
    expect(passed).toContain(`${KIND} is told nothing that its settings omit, in no request`);
    expect(passed).toContain(
      `permissions let the function of ${KIND} read neither raw records nor the calls themselves`,
    );
  }, 120_000);

  it('is found out when something is wrong with it', async () => {
    for (const [kind, from, to] of DEFECTS) {
      let found = false;
      follow(copy, kind, (text) => {
        found ||= text.includes(from);
        return text.replace(from, to);
      });
      expect(found, kind).toBe(true);
    }

    const { status, results } = await runTests(copy, [
      'test/destinations/destinations.contract.test.ts',
    ]);

    expect(status).not.toBe(0);
    expect(failed(results, KIND)).toEqual([]);
    for (const [kind, , , found] of DEFECTS) {
      expect(failed(results, `${kind} `), kind).toContainEqual(expect.stringContaining(found));
    }
  }, 120_000);
});
