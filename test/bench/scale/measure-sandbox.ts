import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { startCountedStack } from '../cost/counted-stack.ts';
import { seedControl } from '../cost/measure-dispatch.ts';

const PROGRAM = join(import.meta.dirname, 'dispatch-process.ts');
/**
 * About what V8 chooses by itself where there are 256 MB, as the template gives dispatch; on a machine with
 * more it leaves more garbage lying, which says nothing about what is needed.
 */
const HEAP = ['--max-old-space-size=64', '--max-semi-space-size=4'];

const resultSchema = z.object({ ms: z.number(), mb: z.number() });
export type Sandbox = z.infer<typeof resultSchema>;

const run = promisify(execFile);

/** Really dispatches: production's function in a process of its own, its tables and queue in this one. */
export async function measureSandbox(connections: number): Promise<Sandbox> {
  const stack = await startCountedStack(Date.now, {});
  try {
    seedControl(stack, connections, new Date());
    const { stdout } = await run(
      process.execPath,
      [...HEAP, PROGRAM, stack.folderOf('Polling/Dispatch')],
      {
        env: { ...process.env, ...stack.environmentOf('Polling/Dispatch') },
      },
    );
    const last = stdout.trim().split('\n').at(-1) ?? '';
    return resultSchema.parse(JSON.parse(last));
  } finally {
    await stack.close();
  }
}
