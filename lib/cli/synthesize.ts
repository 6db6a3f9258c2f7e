import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { keptFolder } from './kept-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Where tools of an npm project keep what can be made again; `npm ci` empties it. */
const STACKS = join(ROOT, 'node_modules', '.cache', 'callwire', 'stacks');

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
 * here is what would be uploaded. What is edited while it is made may be in it, and so it is not kept.
 *
 * @param onBuild told when it is not there and has to be made, which takes some ten seconds
 */
export async function synthesize(onBuild: () => void = () => {}): Promise<Synthesized> {
  const { path, remove } = await keptFolder({
    parent: STACKS,
    name: fingerprintOfCode,
    make: (folder) => {
      onBuild();
      return build(join(folder, 'assembly'));
    },
  });
  return { assembly: join(path, 'assembly'), codeCache: join(path, 'compiled'), remove };
}

/** Of our code, of what tells how to build it, and of which versions of others' code go into it. */
function fingerprintOfCode(): string {
  const files = ['infra', 'functions', 'lib'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  const hash = createHash('sha256').update(process.version);
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json'];
  for (const file of [...files.toSorted(), ...settings.map((name) => join(ROOT, name))]) {
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
