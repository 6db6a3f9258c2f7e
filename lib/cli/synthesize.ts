import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const APP = join(import.meta.dirname, '..', '..', 'infra', 'app.ts');

const run = promisify(execFile);

/**
 * Synthesizes the stack that deploys, with its bundles, into a folder: what runs here is what would
 * be uploaded.
 *
 * @param shared a folder in which one stack serves all who start on the same code, as tests do: the first
 *   one leaves it there, the others copy it
 */
export async function synthesize(
  folder: string,
  shared = process.env.CALLWIRE_ASSEMBLIES,
): Promise<void> {
  if (shared === undefined) return build(folder);
  const made = join(shared, 'made');
  if (existsSync(made)) return cpSync(made, folder, { recursive: true });
  await build(folder);
  const mine = join(shared, randomUUID());
  cpSync(folder, mine, { recursive: true });
  try {
    renameSync(mine, made);
  } catch {
    // Somebody was faster; whatever is in the folder goes with it.
  }
}

async function build(folder: string): Promise<void> {
  try {
    await run(process.execPath, [APP], {
      // Not where the user stands: a deployment's settings there are none of a local run's business.
      cwd: folder,
      env: { ...process.env, CDK_OUTDIR: folder },
    });
  } catch (error) {
    throw new Error('The stack cannot be synthesized; `npx cdk synth` says why', { cause: error });
  }
}
