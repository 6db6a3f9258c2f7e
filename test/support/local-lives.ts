import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type {
  LocalProcessCommand,
  LocalProcessOrder,
  LocalProcessReport,
} from './local-process.ts';

const CLOCK = join(import.meta.dirname, 'clock-ahead.ts');

/** The whole local system in a process of its own, which thinks that it is so much later. */
export function startProcess({
  aheadMs,
  ...order
}: Omit<LocalProcessOrder, 'environment'> & { readonly aheadMs: number }): ChildProcess {
  const preload = { CLOCK_AHEAD_MS: String(aheadMs), NODE_OPTIONS: `--import ${CLOCK}` };
  const whole: LocalProcessOrder = { ...order, environment: preload };
  const child = fork(join(import.meta.dirname, 'local-process.ts'), [JSON.stringify(whole)], {
    env: { PATH: process.env.PATH, ...preload },
    execArgv: [],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** As the power cord would. */
export async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

export async function ask(
  child: ChildProcess,
  command: LocalProcessCommand,
): Promise<LocalProcessReport> {
  const answer: Promise<unknown[]> = once(child, 'message');
  child.send(command);
  const [report] = await answer;
  // What `local-process.ts` sends.
  return report as LocalProcessReport;
}
