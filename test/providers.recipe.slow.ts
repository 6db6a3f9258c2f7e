import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
const named = recipeOf('Add a provider');
const [folder = '', file = ''] = named(1);
const [list = ''] = named(2);
const [fixtures = '', sample = '', , statuses = '', expected = '', fields = ''] = named(3);

const ID = 'quillon';

/** A provider as somebody new would write it, and its fixtures. */
const given = (name: string): string => read(ROOT, 'test', 'recipe', name);
const source = given(`${ID}.ts`).replace('../../lib/providers/provider.ts', '../provider.ts');

/** Above the rows of the parameters that are asked. */
const PARAMETERS = /^## Query parameters\n\n.*\n\|---\|---\|\n/m;

/** Adds it to a copy of the project in three steps: a folder, a line, fixtures. */
function follow(copy: string, id: string, change: (text: string) => string = (text) => text): void {
  const write = (path: string, name: string, text: string) => {
    const folderOfIt = join(copy, path.replace('<id>', id));
    mkdirSync(folderOfIt, { recursive: true });
    writeFileSync(join(folderOfIt, name), text.replaceAll(ID, id));
  };
  write(folder, file, change(source));

  const before = read(copy, list);
  const after = `import { ${id} } from './${id}/${file}';\n${before.replace(/(: readonly Provider\[\] = \[)/, `$1${id}, `)}`;
  writeFileSync(join(copy, list), after);

  for (const name of [sample, statuses]) {
    const byHand = name.replace('.json', expected);
    write(fixtures, name, given(name));
    write(fixtures, byHand, given(byHand));
  }
  const rows = (name: string) => given(name).replaceAll(ID, id);
  const page = read(copy, fields).replace(PARAMETERS, (head) => head + rows('parameters.md'));
  writeFileSync(join(copy, fields), `${page}\n${rows('fields.md')}`);
}

/** The suites that loop over the list of providers: they read it. */
const looping = suitesThatRead('lib/providers/index.ts');

const DEFECTS: [what: string, from: string, to: string, found: string][] = [
  ['milliseconds', 'call.created * 1000', 'call.created', 'normalizes its list'],
  ['header', "'x-quillon-key'", "'x-quillon-key:'", 'carries its key in a header'],
  ['firstpage', "['page_token', String(cursor)]", "['page_token', '']", 'its cursor names'],
  ['word', "hung_up: { status: 'completed'", "hung: { status: 'completed'", 'each of its words'],
];

describe('a fifth provider, added as the README says', () => {
  let copy: string;

  beforeAll(() => {
    copy = copyProject();
    follow(copy, ID);
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('is a folder, a line and fixtures', () => {
    expect([folder, file, list, fixtures, sample, statuses, expected, fields]).toEqual([
      'lib/providers/<id>/',
      'index.ts',
      'lib/providers/index.ts',
      'test/fixtures/<id>/',
      'list.json',
      'list-statuses.json',
      '.expected.json',
      'test/fixtures/FIELDS.md',
    ]);
    expect(dirname(list)).toBe(dirname(folder));
  });

  it('fits the types', async () => {
    const { status, output } = await run(copy, 'typescript/bin/tsc', '-p', '.');

    expect([status, output]).toEqual([0, '']);
  }, 120_000);

  it('is tested unasked, by every suite that loops over the list, and passes', async () => {
    const { status, results, files } = await runTests(copy, ['test/architecture', ...looping]);
    const about = results.filter(({ name }) => name.includes(ID));

    expect(looping).toContain('test/providers.contract.test.ts');
    expect(files).toHaveLength(looping.length + 1);
    expect([status, ...failed(results)]).toEqual([0]);
    const passed = about.filter((result) => result.status === 'passed').map(({ name }) => name);
    for (const name of ['list', 'list-statuses']) {
      expect(passed).toContain(`${ID} normalizes its ${name} and rejects nothing in it`);
    }
    expect(passed).toContain(`${ID} is found by its id, under which its fixtures lie`);
    expect(passed).toContain(`the table of fields of ${ID}/list says where calls[].created goes`);
  }, 120_000);

  it('is found out when something is wrong with it', async () => {
    for (const [id, from, to] of DEFECTS) {
      follow(copy, id, (text) => {
        expect(text).toContain(from);
        return text.replace(from, to);
      });
    }

    const { status, results } = await runTests(copy, ['test/providers.contract.test.ts']);

    expect(status).not.toBe(0);
    expect(failed(results, ID)).toEqual([]);
    for (const [id, , , found] of DEFECTS) {
      expect(failed(results, `${id} `)).toContainEqual(expect.stringContaining(found));
    }
  }, 120_000);
});
