import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

export interface BundleProps {
  /** Names the folder: `.build/<name>`. */
  readonly name: string;
  /** The file in `functions/`, without its extension. */
  readonly entry: string;
  /** Modules to put in the place of others, as paths from the top of the project. */
  readonly alias?: Readonly<Record<string, string>>;
}

/** Measured on the poll function, November 2026 (KB, ms until ready); `npm run bench:bundles` measures it as it is. */
export const bundleOptions = ({ entry, alias = {} }: BundleProps) =>
  ({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${entry}.ts`],
    alias: { ...alias },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The SDK is bundled, because Lambda's own copy starts slower, and from its ES modules, because
    // its CommonJS build is two thirds larger.
    mainFields: ['module', 'main'],
    // 744 KB instead of 1,603, and 116 ms instead of 133.
    minify: true,
    // No source map: reading it costs every start about 10 ms. With lines this short a stack trace still
    // says where: build the same commit with `sourcemap: true` and look its position up.
    lineLimit: 200,
    // Slack's client brings CommonJS modules, which ask for Node's own with `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    write: false,
    logLevel: 'error',
  }) satisfies BuildOptions;

/** Builds one function into one file, `index.mjs`, and returns the folder that holds it. */
export function bundle(props: BundleProps): string {
  const folder = join(ROOT, '.build', props.name);
  mkdirSync(folder, { recursive: true });
  for (const { contents } of buildSync(bundleOptions(props)).outputFiles) {
    // Renamed into place: another process may be reading the folder right now.
    const unfinished = `${folder}.${randomUUID()}`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, join(folder, 'index.mjs'));
  }
  return folder;
}
