import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A file that the browser is given. */
export interface PageFile {
  readonly type: string;
  readonly body: string;
}

const pathOf = (name: string): string => fileURLToPath(new URL(`page/${name}`, import.meta.url));

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Builds the page for the browser, by path. It needs nothing from elsewhere. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: { page: pathOf('page.tsx'), theme: pathOf('theme.ts') },
    bundle: true,
    minify: true,
    write: false,
    outdir: '/',
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  });
  const scripts = outputFiles.map(({ path, text }): [string, PageFile] => [
    `/${path.split(/[/\\]/).at(-1)}`,
    { type: SCRIPT, body: text },
  ]);
  return new Map([
    ...scripts,
    [
      '/page.css',
      { type: 'text/css; charset=utf-8', body: readFileSync(pathOf('page.css'), 'utf8') },
    ],
    ['/', { type: HTML, body: readFileSync(pathOf('page.html'), 'utf8') }],
  ]);
}

/** What somebody sees who may not look. */
export const refusalPage = (why: string): PageFile => ({
  type: HTML,
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Callwire</title><h1>Callwire</h1><p>${why}</p>`,
});
