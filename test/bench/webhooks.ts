/**
 * Webhooks of every kind, fifty at once, against the local system: how long they take, what becomes of
 * them, and whether the system grows.
 *
 * `node test/bench/webhooks.ts [--requests 10000] [--json]`. Ends with status 1 when a limit is passed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Kind, type Request, requestAt, WANTED } from './webhooks/mix.ts';
import type { Command, Said } from './webhooks/system.ts';

const AT_ONCE = 50;
const MAX_P99_MS = 250;
const MAX_GROWTH_MB = 20;

/** Every sandbox has been started, and every heap is as large as it gets, when counting begins. */
const WARM_UP = 4_000;

/** So long a provider waits that is told to come later. */
const AGAIN_MS = 200;

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '10000' }, json: { type: 'boolean' } },
});
const requests = Number(values.requests);
if (!Number.isInteger(requests) || requests < 100) {
  console.error('Write a whole number of at least 100 after --requests.');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'callwire-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const system: ChildProcess = fork(join(import.meta.dirname, 'webhooks', 'system.ts'), [folder], {
  execArgv: [],
});
system.once('exit', (status) => {
  // Nobody else would say what went wrong.
  if (status) process.exit(status);
});

async function hear<Key extends string>(key: Key): Promise<Extract<Said, Record<Key, unknown>>> {
  const [said] = (await once(system, 'message')) as [Said];
  if (!(key in said)) throw new Error(`The system said something else than ${key}`);
  return said as Extract<Said, Record<Key, unknown>>;
}
const ask = <Key extends string>(command: Command, key: Key) => {
  system.send(command);
  return hear(key);
};

process.stderr.write('starting the local system …\n');
const { addresses } = await hear('addresses');
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

async function send({ kind, connection, headers, body }: Request): Promise<number> {
  const address = addresses[connection] ?? '';
  const url = kind === 'astray' ? `${address.slice(0, -1)}!` : address;
  const outgoing = httpRequest(url, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', 'content-length': body.byteLength, ...headers },
  });
  outgoing.end(body);
  // What Node passes to listeners of `response`.
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

interface Sent {
  readonly requests: readonly Request[];
  readonly times: readonly number[];
  /** Answers that are not what they should be. */
  readonly wrong: Readonly<Record<string, number>>;
  readonly throttled: number;
}

/** Sends so many, from this number on, fifty at any time; what is throttled is sent again. */
async function sendAll(first: number, count: number): Promise<Sent> {
  const sent: Request[] = [];
  const times: number[] = [];
  const wrong: Record<string, number> = {};
  let throttled = 0;
  const lane = async () => {
    while (sent.length < count) {
      const one = requestAt(first + sent.length, sent, new Date());
      sent.push(one);
      for (;;) {
        const startedAt = performance.now();
        const status = await send(one);
        // Being told to come later takes no time, and would make the rest look better.
        if (status !== 429) {
          times.push(performance.now() - startedAt);
          const odd = `${one.kind} ${status}`;
          if (status !== WANTED[one.kind]) wrong[odd] = (wrong[odd] ?? 0) + 1;
          break;
        }
        throttled += 1;
        await wait(AGAIN_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { requests: sent, times, wrong, throttled };
}

process.stderr.write(`warming up with ${WARM_UP} …\n`);
await sendAll(1_000_000, WARM_UP);
const before = await ask('memory', 'megabytes');
process.stderr.write(`sending ${requests}, ${AT_ONCE} at once …\n`);
const startedAt = performance.now();
const { requests: all, times, wrong, throttled } = await sendAll(0, requests);
const seconds = (performance.now() - startedAt) / 1000;
const after = await ask('memory', 'megabytes');
process.stderr.write('letting arrive what is under way …\n');
const { calls, kept } = await ask('settle', 'calls');
system.disconnect();
agent.destroy();

const idsOf = (...kinds: readonly Kind[]) =>
  new Set(all.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id));
const isStored = (id: string) => id in calls;
const bodies = new Set(
  all.filter(({ kind }) => kind === 'garbage').map(({ body }) => String(body)),
);
const unanswered = Object.entries(wrong).filter(([what]) =>
  /^(carrying|hint|replayed|garbage) /.test(what),
);
const sorted = times.toSorted((a, b) => a - b);
const percentile = (share: number): number =>
  Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 10) / 10;

const result = {
  forgedStored: [...idsOf('forged', 'stale', 'oversized', 'astray')].filter(isStored).length,
  validLost:
    [...idsOf('carrying')].filter((id) => !isStored(id)).length +
    Math.max(0, bodies.size - kept) +
    unanswered.reduce((sum, [, count]) => sum + count, 0),
  p99Ms: percentile(0.99),
  memoryGrowthMb: Math.round((after.megabytes - before.megabytes) * 10) / 10,
  requests,
  p50Ms: percentile(0.5),
  perSecond: Math.round(requests / seconds),
  throttled,
  /** Calls that a replay changed. */
  changedByReplay: [...idsOf('carrying')].filter((id) => calls[id] !== undefined && calls[id] > 1)
    .length,
  wrong,
};
if (values.json) console.log(JSON.stringify(result));
else console.log(result);

const failures = [
  result.forgedStored > 0 && `${result.forgedStored} forged webhooks were stored`,
  result.validLost > 0 && `${result.validLost} valid webhooks were lost`,
  result.changedByReplay > 0 && `${result.changedByReplay} calls were changed by a replay`,
  Object.keys(wrong).length > 0 && 'some were answered otherwise than they should be',
  result.p99Ms > MAX_P99_MS && `p99 is ${result.p99Ms} ms; the limit is ${MAX_P99_MS}`,
  result.memoryGrowthMb > MAX_GROWTH_MB &&
    `memory grew by ${result.memoryGrowthMb} MB; the limit is ${MAX_GROWTH_MB}`,
].filter((failure) => failure !== false);
for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exitCode = 1;
