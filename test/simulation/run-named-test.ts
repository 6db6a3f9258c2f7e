import { execFile } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import type { NamedTest } from './mutants.ts';

/** As far as it is read: https://vitest.dev/guide/reporters.html#json-reporter */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
});

/** Runs one test in a copy of the project. @throws Error when no test has that name, or it was not run to its end */
export async function passes(root: string, { file, name }: NamedTest): Promise<boolean> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const output = await new Promise<string>((resolve) => {
    const args = [vitest, 'run', file, '--reporter=json', '-t', pattern];
    // It ends with 1 when a test failed, and says so in its report.
    execFile(process.execPath, args, { cwd: root }, (_error, stdout) => resolve(stdout));
  });
  const { testResults } = reportSchema.parse(JSON.parse(output.slice(output.indexOf('{'))));
  const statuses = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title }) => title === name)
    .map(({ status }) => status);
  if (statuses.length === 0) throw new Error(`${file} has no test “${name}”`);
  return statuses.every((status) => status === 'passed');
}
