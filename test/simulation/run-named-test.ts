import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** Runs one test in a copy of the project. @throws Error when no test has that name */
export async function passes(root: string, { file, name }: NamedTest): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'callwire-test-'));
  try {
    const report = join(folder, 'report.json');
    const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', file, '-t', pattern, '--reporter=json', `--outputFile=${report}`];
    // It ends with 1 when a test failed, and says in its report which.
    await new Promise<void>((resolve) => {
      execFile(process.execPath, args, { cwd: root }, () => resolve());
    });
    const { testResults } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    const statuses = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ title }) => title === name)
      .map(({ status }) => status);
    if (statuses.length === 0) throw new Error(`${file} has no test “${name}”`);
    return statuses.every((status) => status === 'passed');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
