import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const CALLWIRE = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'callwire.mjs');

const LAST_LINES = 30;

export interface LifeOptions {
  readonly config: string;
  readonly data: string;
  /** Where it puts what it needs for itself, and leaves when it is killed. */
  readonly temporary: string;
  /** What it says is added to this file. */
  readonly log: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A `callwire run`, with every process that it starts. */
export interface Life {
  /** Waits, while it goes on. @throws Error when it ends by itself, with the last of what it said */
  goOn(ms: number): Promise<void>;
  /** Ends all of it at once, whatever it does; resolves when it is gone. */
  kill(): Promise<void>;
  /** Lets arrive what is under way, as Ctrl-C does, and gives what it prints at the end. */
  finish(): Promise<string>;
}

/** Begins a life, which ends at the latest with this process. */
export function startLife({ config, data, temporary, log, variables }: LifeOptions): Life {
  const args = [CALLWIRE, 'run', '--config', config, '--data', data, '--json'];
  const stderr = openSync(log, 'a');
  const child = spawn(process.execPath, args, {
    // A group of its own, so that nothing of it is left when it is killed.
    detached: true,
    env: { PATH: process.env.PATH, TMPDIR: temporary, ...variables },
    stdio: ['ignore', 'pipe', stderr],
  });
  closeSync(stderr);
  const killGroup = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, 'SIGKILL');
  };
  // Before whoever removes the folder that it writes to.
  process.prependListener('exit', killGroup);

  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ended = once(child, 'close').then(() => {
    process.off('exit', killGroup);
    return stdout;
  });
  return {
    goOn: async (ms) => {
      const isOver = await Promise.race([wait(ms, false), ended.then(() => true)]);
      if (!isOver) return;
      const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
      throw new Error(`A life ended by itself with status ${child.exitCode}:\n${said}`);
    },
    kill: async () => {
      killGroup();
      await ended;
    },
    finish: async () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}
