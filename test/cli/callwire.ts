import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the command left behind in its temporary folder. */
  readonly left: string[];
}

/** A command that runs, as a user started it. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves as soon as stderr has matched. @throws when the command ends without it */
  said(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** An empty folder for one file of tests, and how to remove it. */
export function workFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'test-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts `callwire` in an empty folder of its own, with a temporary folder of its own. */
export function start(
  args: readonly string[],
  { env = {}, cwd, input }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Running {
  const temporary = mkdtempSync(join(tmpdir(), 'test-cli-tmp-'));
  const child = spawn(process.execPath, [join(ROOT, 'lib', 'cli', 'callwire.mjs'), ...args], {
    cwd: cwd ?? temporary,
    env: {
      PATH: process.env.PATH,
      HOME: temporary,
      TMPDIR: temporary,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([status]): Ended => {
    const left = readdirSync(temporary).filter((name) => name.startsWith('callwire-'));
    rmSync(temporary, { recursive: true, force: true });
    return { status: typeof status === 'number' ? status : null, stdout, stderr, left };
  });
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(stderr)) resolve();
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`It ended without saying ${pattern}:\n${stderr}`)));
    });
  return { child, said, ended };
}

/** Runs `callwire` to its end. */
export const callwire = (...given: Parameters<typeof start>): Promise<Ended> =>
  start(...given).ended;

/** Ends a command at the end of the test if the test did not. */
export function startInTest(...given: Parameters<typeof start>): Running {
  const running = start(...given);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return running;
}

/** Writes a file into a folder and gives its path. */
export function file(folder: string, name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Nothing in a text that only a terminal understands. */
export const isPlain = (text: string): boolean => stripVTControlCharacters(text) === text;

/** The one line of JSON that a command printed. @throws when it printed more or less */
export function reportIn({ stdout, stderr }: Ended): Record<string, unknown> {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== 1) {
    throw new Error(`There are ${lines.length} lines on stdout:\n${stdout}\n${stderr}`);
  }
  return z.record(z.string(), z.unknown()).parse(JSON.parse(stdout));
}
