/** Backfills, by the code and the adapters of production, and in turn with that writes as much bare. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoCalls } from '../../lib/adapters/dynamo-calls.ts';
import { dynamoPollStates, dynamoQuarantine } from '../../lib/adapters/dynamo-control.ts';
import { dynamoRangeJobs } from '../../lib/adapters/dynamo-ranges.ts';
import type { StoredCall } from '../../lib/calls/version.ts';
import { eachLimited } from '../../lib/each-limited.ts';
import { createHttpClient } from '../../lib/http.ts';
import { PARALLEL_CALLS } from '../../lib/polling/read-calls.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { beginBackfill } from '../../lib/ranges/backfill.ts';
import type { RangeDeps, RangeMessage } from '../../lib/ranges/ports.ts';
import { workOnRange } from '../../lib/ranges/work-on-range.ts';
import { NO_ROUTES } from '../support/no-routes.ts';
import { LOCAL } from '../support/sdk.ts';
import { APART_MS, FIRST_AT, type WorkerOrder, type WorkerReport } from './backfill-world.ts';

const [, , text = ''] = process.argv;
// What `backfill.ts` passes.
const { dynamo, provider, calls, bare, connection } = JSON.parse(text) as WorkerOrder;

const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: dynamo, ...LOCAL }));
const now = () => new Date();
const store = dynamoCalls(client, 'calls');
const bareStore = dynamoCalls(client, 'bare');
const raws = {
  put: async () => {
    throw new Error('A row of this benchmark is small enough to lie beside its call');
  },
};

const queue: RangeMessage[] = [];
let written: StoredCall[] = [];
const deps: RangeDeps = {
  ...NO_ROUTES,
  calls: {
    ...store,
    write: async (next) => {
      if (bare) written.push(next);
      return store.write(next);
    },
  },
  states: dynamoPollStates(client, 'control'),
  quarantine: dynamoQuarantine(client, 'control', raws),
  raws,
  jobs: dynamoRangeJobs(client, 'control'),
  http: createHttpClient(now),
  now,
  random: Math.random,
  secret: async () => 'key',
  connection: async () => ({
    id: connection,
    provider: 'hamsa',
    key: 'env:KEY',
    baseUrl: provider,
  }),
  send: async (message) => {
    queue.push(message);
  },
  // What is measured is the work, not the politeness between requests.
  sleep: async () => {},
  log: () => {},
  count: () => {},
  deadline: new Date(8.64e15),
};

/** The same versions once more, on another table, by nothing but the writes. */
async function writeBare(): Promise<void> {
  const versions = written;
  written = [];
  await eachLimited(versions, PARALLEL_CALLS, async (next) => {
    if (!(await bareStore.write(next))) throw new Error('A bare write was refused');
  });
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

// Both ends are a call's own instant.
const to = new Date(FIRST_AT + (calls - 1) * APART_MS);
const order = { from: new Date(FIRST_AT), to, announce: 'none', dryRun: false } as const;
const send = (message: RangeMessage) => deps.send(message, 0);
const slices: { readonly backfillMs: number; readonly bareMs: number }[] = [];
const startedAt = performance.now();
await beginBackfill(connection, order, hamsa.list, { ...deps, send });
for (let message = queue.pop(); message; message = queue.pop()) {
  const next = message;
  const backfillMs = await msOf(() => workOnRange(next, deps));
  // In turns, slice by slice, so that whatever else this machine does falls on both.
  if (bare && written.length > 0) slices.push({ backfillMs, bareMs: await msOf(writeBare) });
}
const seconds = (performance.now() - startedAt) / 1_000;
const job = await deps.jobs.load(connection, 'backfill');
if (job?.state !== 'done' || job.counts.changed !== calls) {
  throw new Error(`A backfill of ${calls} calls recorded ${job?.counts.changed}`);
}
const answer: WorkerReport = {
  seconds,
  slices,
  requests: job.counts.requests,
  peakMb: process.resourceUsage().maxRSS / 1024,
};
process.send?.(answer);
process.disconnect();
client.destroy();
