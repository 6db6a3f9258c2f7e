import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { keptFolder } from './kept-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Where tools of an npm project keep what can be made again; `npm ci` empties it. */
const STACKS = join(ROOT, 'node_modules', '.cache', 'callwire', 'stacks');

/** Who works on the code makes a stack of some 20 MB with each change. */
const MOST_STACKS = 4;

const run = promisify(execFile);

/** The stack that deploys, with its bundles: what would be uploaded. */
export interface Synthesized {
  /** As `cdk synth` leaves it. Not to be changed: others run it too. */
  readonly assembly: string;
  /** For compiled code of its functions, which is found again for as long as they lie where they do. */
  readonly codeCache: string;
  /** To be called once it is not needed any more. */
  remove(): void;
}

/**
 * Synthesizes the stack that deploys, or finds the one that was synthesized of this very code: what runs
 * here is what would be uploaded.
 *
 * @param onBuild told when it is not there and has to be made, which takes some ten seconds
 */
export async function synthesize(onBuild: () => void = () => {}): Promise<Synthesized> {
  const { path, remove } = await keptFolder({
    parent: STACKS,
    name: fingerprintOfCode(),
    most: MOST_STACKS,
    make: (folder) => {
      onBuild();
      return build(join(folder, 'assembly'));
    },
  });
  return { assembly: join(path, 'assembly'), codeCache: join(path, 'compiled'), remove };
}

/** Of everything that the stack and its bundles are made of. */
function fingerprintOfCode(): string {
  const files = ['infra', 'functions', 'lib'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of [...files.toSorted(), join(ROOT, 'package-lock.json')]) {
    const content = readFileSync(file);
    // With its length, so that nothing can run into what follows.
    hash.update(`\0${relative(ROOT, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

async function build(folder: string): Promise<void> {
  // Context that somebody gave the CDK for a deployment is none of a local run's business,
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('CDK_'));
  mkdirSync(folder);
  try {
    await run(process.execPath, [join(ROOT, 'infra', 'app.ts')], {
      // and neither are its settings where the user stands.
      cwd: folder,
      env: { ...Object.fromEntries(environment), CDK_OUTDIR: folder },
    });
  } catch (error) {
    throw new Error('The stack cannot be synthesized; `npx cdk synth` says why', { cause: error });
  }
}
