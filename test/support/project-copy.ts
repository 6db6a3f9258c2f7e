import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

export const ROOT = join(import.meta.dirname, '..', '..');
export const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

/** A recipe as the README has it: the files that a step names. */
export function recipeOf(heading: string): (step: number) => string[] {
  const [, recipe = ''] =
    new RegExp(`^## ${heading}\\n(.*?)^## `, 'ms').exec(read(ROOT, 'README.md')) ?? [];
  return (step) => {
    const [, text = ''] = new RegExp(`^${step}\\. (.*?)(?=^\\d\\. |^$)`, 'ms').exec(recipe) ?? [];
    return [...text.matchAll(/`([^`\s]+)`|\]\(([^)]+)\)/g)].map(
      ([, code, link]) => code ?? link ?? '',
    );
  };
}

/** A copy of the project, with its packages linked: whoever asks for it removes it. */
export function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'test-recipe-'));
  const ignored = read(ROOT, '.gitignore')
    .split('\n')
    .map((line) => line.replaceAll(/^\/|\/$/g, ''));
  for (const name of readdirSync(ROOT)) {
    if (name === '.git' || ignored.includes(name)) continue;
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** The suites that loop over a list: they read it. */
export const suitesThatRead = (list: string): string[] =>
  globSync('test/**/*.test.ts', { cwd: ROOT })
    .filter((path) => new RegExp(`from '[./]+/${list}'`).test(read(ROOT, path)))
    .toSorted();

/** Runs a program in the copy, as somebody at a shell would: without what Vitest put around this test. */
export const run = (copy: string, program: string, ...args: string[]) =>
  new Promise<{ status: number; output: string }>((resolve) => {
    const env = { PATH: process.env.PATH, HOME: copy, TMPDIR: copy };
    const command = [join(copy, 'node_modules', program), ...args];
    execFile(process.execPath, command, { cwd: copy, env }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? -1) : 0, output: stdout + stderr });
    });
  });

const resultsSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
type Results = readonly { readonly name: string; readonly status: string }[];

/** Runs tests in the copy, and gives each with its name. */
export async function runTests(copy: string, files: readonly string[]) {
  const report = join(copy, 'report.json');
  const options = ['--maxWorkers=1', '--reporter=json', `--outputFile=${report}`];
  const { status, output } = await run(copy, 'vitest/vitest.mjs', 'run', ...options, ...files);
  const { testResults } = resultsSchema.parse(JSON.parse(read(report)));
  const results: Results = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status: how }) => ({ name: fullName, status: how })),
  );
  return { status, output, results, files: testResults.map(({ name }) => name) };
}

export const failed = (results: Results, about = ''): string[] =>
  results
    .filter(({ name, status }) => status === 'failed' && name.includes(about))
    .map(({ name }) => name);
