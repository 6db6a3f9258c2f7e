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
const STYLE = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Builds the page for the browser, by path. It needs nothing from elsewhere. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: ['page.tsx', 'page.css', 'theme.ts'].map(pathOf),
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
  const built = outputFiles.map(({ path, text }): [string, PageFile] => [
    `/${path.split(/[/\\]/).at(-1)}`,
    { type: path.endsWith('.css') ? STYLE : SCRIPT, body: text },
  ]);
  return new Map([
    ...built,
    ['/', { type: HTML, body: readFileSync(pathOf('page.html'), 'utf8') }],
  ]);
}

/** What somebody sees who may not look. */
export const refusalPage = (why: string): PageFile => ({
  type: HTML,
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Callwire</title><h1>Callwire</h1><p>${why}</p>`,
});
