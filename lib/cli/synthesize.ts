import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const APP = join(import.meta.dirname, '..', '..', 'infra', 'app.ts');

const run = promisify(execFile);

/**
 * Synthesizes the stack that deploys, with its bundles, into a folder: what runs here is what would
 * be uploaded.
 */
export async function synthesize(folder: string): Promise<void> {
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
