import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFunctionPool, type FunctionTap } from '../../../lib/local/lambda/function-pool.ts';
import type { FunctionDefinition } from '../../../lib/local/template/declarations.ts';
import { temporaryFolder } from '../cdk-out.ts';

/** A pool with one function, `Work`, whose bundle is `source`. */
function poolOf(
  source: string,
  definition: Partial<FunctionDefinition> = {},
  environment: Record<string, string> = {},
  onTap: (tap: FunctionTap) => void = () => undefined,
) {
  const folder = join(temporaryFolder(), 'bundle');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), source);
  const taps: FunctionTap[] = [];
  const pool = createFunctionPool({
    functions: [
      {
        name: 'Work',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:Work',
        folder,
        handler: 'index.handler',
        timeoutMs: 5_000,
        memoryMb: 128,
        environment: {},
        logFormat: 'Text',
        logLevel: 'INFO',
        reservedConcurrency: undefined,
        deadLetterArn: undefined,
        ...definition,
      },
    ],
    environment,
    mappedConcurrency: new Map(),
    emit: (tap) => {
      taps.push(tap);
      onTap(tap);
    },
  });
  onTestFinished(() => pool.stop(0));
  const lines = () => taps.flatMap((tap) => (tap.kind === 'log' ? [tap.line] : []));
  return { invoke: (payload: unknown = {}) => pool.invoke('Work', payload), pool, taps, lines };
}

/** When an environment began to start, and was ready, in epoch milliseconds. */
interface Started {
  readonly threadId: number;
  readonly begunAt: number;
  readonly startedAt: number;
}

describe('a function of the pool', () => {
  it('sees the variables of the template and of Lambda, and none of this process', async () => {
    const { invoke } = poolOf(
      'export const handler = async () => process.env;',
      { environment: { CALLS_TABLE: 'Calls' } },
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    );
    vi.stubEnv('ONLY_IN_THE_PARENT', 'yes');
    onTestFinished(() => void vi.unstubAllEnvs());

    const seen = await invoke();

    expect(seen).toMatchObject({
      CALLS_TABLE: 'Calls',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'Work',
    });
    expect(seen).not.toHaveProperty('ONLY_IN_THE_PARENT');
    expect(seen).not.toHaveProperty('PATH');
  });

  it('is imported once and kept warm, and runs at most as often at once as it may', async () => {
    const { invoke } = poolOf(
      `let count = 0;
       export const handler = async () => {
         await new Promise((resolve) => setTimeout(resolve, 20));
         return ++count;
       };`,
      { reservedConcurrency: 1 },
    );

    expect(await Promise.all([invoke(), invoke(), invoke()])).toEqual([1, 2, 3]);
  });

  it('gets a second environment only when the first keeps an event waiting', async () => {
    const { invoke } = poolOf(
      `let count = 0;
       export const handler = async ({ ms }) => {
         await new Promise((resolve) => setTimeout(resolve, ms));
         return ++count;
       };`,
    );
    await invoke({ ms: 0 });

    expect(await Promise.all([invoke({ ms: 5 }), invoke({ ms: 5 })])).toEqual([2, 3]);
    expect(await Promise.all([invoke({ ms: 500 }), invoke({ ms: 5 })])).toEqual([4, 1]);
  });

  it('starts one environment at a time, however long that takes', async () => {
    const { invoke } = poolOf(
      `import { threadId } from 'node:worker_threads';
       const begunAt = Date.now();
       await new Promise((resolve) => setTimeout(resolve, 300));
       const startedAt = Date.now();
       export const handler = async () => ({ threadId, begunAt, startedAt });`,
    );

    // On a busy machine the first does not answer all of them in time, and a further one is started.
    const told = (await Promise.all([invoke(), invoke(), invoke()])) as Started[];

    const overlapping = told.filter(({ threadId, begunAt }) =>
      told.some(
        (other) =>
          other.threadId !== threadId && other.begunAt <= begunAt && begunAt < other.startedAt,
      ),
    );
    expect(overlapping).toEqual([]);
  });

  it('serves who waits before who comes at the moment that it is free', async () => {
    const late: Promise<unknown>[] = [];
    const { invoke } = poolOf(
      'let count = 0; export const handler = async () => ++count;',
      { reservedConcurrency: 1 },
      {},
      () => {
        if (late.length === 0) queueMicrotask(() => late.push(invoke()));
      },
    );

    const early = await Promise.all([invoke(), invoke()]);

    expect([...early, ...(await Promise.all(late))]).toEqual([1, 2, 3]);
  });

  it('gets its event as JSON and a context that counts down', async () => {
    const { invoke } = poolOf(
      `export const handler = async (event, context) => ({
         event, name: context.functionName, left: context.getRemainingTimeInMillis() });`,
    );

    const result = await invoke({ at: new Date(0), nothing: undefined });

    expect(result).toMatchObject({ event: { at: '1970-01-01T00:00:00.000Z' }, name: 'Work' });
    expect(result).toHaveProperty(
      'left',
      expect.toSatisfy((ms) => ms > 4_000 && ms <= 5_000),
    );
  });

  it('fails with the name and message of what it throws, and stays usable', async () => {
    const { invoke, taps } = poolOf(
      `export const handler = async ({ bad }) => {
         if (bad) throw new RangeError('too far');
         return 'fine';
       };`,
    );

    await expect(invoke({ bad: true })).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too far',
    });
    await expect(invoke()).resolves.toBe('fine');
    expect(taps.filter(({ kind }) => kind === 'invoke')).toMatchObject([
      { ok: false },
      { ok: true },
    ]);
  });

  it('is ended when its time is up, and starts anew for the next event', async () => {
    const { invoke } = poolOf(
      `let count = 0;
       export const handler = async ({ hang }) => {
         count += 1;
         while (hang);
         return count;
       };`,
      { timeoutMs: 150, reservedConcurrency: 1 },
    );
    await invoke();

    await expect(invoke({ hang: true })).rejects.toThrow('Task timed out after 0.15 seconds');
    await expect(invoke()).resolves.toBe(1);
  });

  it.each([
    ['exits', 'process.exit(3)', /exit status 3/],
    ['throws where nobody catches', "setImmediate(() => { throw new Error('loose') })", /loose/],
    ['rejects where nobody catches', "Promise.reject(new Error('adrift'))", /adrift/],
  ])('that %s takes only its own environment down', async (_what, statement, message) => {
    const { invoke } = poolOf(
      `export const handler = async ({ crash }) => {
         if (!crash) return 'fine';
         ${statement};
         await new Promise(() => {});
       };`,
    );

    await expect(invoke({ crash: true })).rejects.toThrow(message);
    await expect(invoke()).resolves.toBe('fine');
  });

  it('reports a bundle that cannot be imported with each invocation', async () => {
    const { invoke } = poolOf("throw new Error('CALLS_TABLE is missing');");

    await expect(invoke()).rejects.toThrow('CALLS_TABLE is missing');
    await expect(invoke()).rejects.toThrow('CALLS_TABLE is missing');
  });

  it('reports a handler that is not there', async () => {
    const { invoke } = poolOf('export const other = 1;');

    await expect(invoke()).rejects.toMatchObject({ name: 'Runtime.HandlerNotFound' });
  });

  it('has its output passed on line by line', async () => {
    const { invoke, lines } = poolOf(
      `export const handler = async () => {
         console.log('plain'); console.error(JSON.stringify({ level: 'ERROR' }));
       };`,
    );
    await invoke();

    await expect.poll(lines).toEqual(expect.arrayContaining(['plain', { level: 'ERROR' }]));
  });

  it('logs as Lambda does in the JSON format: leveled, never wrapped twice', async () => {
    const { invoke, lines } = poolOf(
      `export const handler = async () => {
         console.info('dropped'); console.warn('kept'); console.error('{"metric":1}');
       };`,
      { logFormat: 'JSON', logLevel: 'WARN' },
    );
    await invoke();

    await expect
      .poll(lines)
      .toEqual([expect.objectContaining({ level: 'WARN', message: 'kept' }), { metric: 1 }]);
  });
});
