import { applyConfig } from '../../../lib/adapters/apply-config.ts';
import { itemSize, parseItem } from '../../../lib/local/dynamodb/attribute-value.ts';
import { startHubSpot } from '../../../lib/local/simulators/hubspot.ts';
import { startSlack } from '../../../lib/local/simulators/slack.ts';
import { addMs, MINUTE_MS } from '../../../lib/time.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import type { Batches } from './bill-calls.ts';
import { type CountedStack, startCountedStack } from './counted-stack.ts';
import type { Counter } from './counter.ts';
import { buildFunctions, type Invoke } from './functions.ts';
import { measureServerMs } from './measure-server.ts';
import { createPipeline } from './pipeline.ts';
import { type Account, startTraffic } from './traffic.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Everything that was counted, and how many calls it was counted over. */
export interface MeasuredCalls {
  readonly calls: number;
  readonly sums: Readonly<Record<string, number>>;
  /** Bytes of items as DynamoDB counts them, by table and index, and how many items. */
  readonly stored: Readonly<Record<string, { readonly items: number; readonly bytes: number }>>;
  readonly hubspotRequests: number;
  readonly slackRequests: number;
  /** Request units of a poll that finds nothing: the worst of all accounts, and what they read on average. */
  readonly emptyPoll: {
    readonly readUnits: number;
    readonly writeUnits: number;
    readonly meanReadUnits: number;
  };
  readonly stack: CountedStack;
  readonly functions: ReturnType<typeof buildFunctions>;
  readonly clock: VirtualClock;
  readonly emptyPollCpuMs: number;
  /** Processor time of answering one request on loopback, in this process. */
  readonly serverMs: number;
  close(): Promise<void>;
}

const SLACK_TOKEN = 'xoxb-bench';
const HUBSPOT_TOKEN = 'pat-bench';

/** Two destinations: failures to people, every outcome and every later change to the CRM. */
const ROUTES = [
  {
    id: 'failures-to-ops',
    when: { type: ['call.failed', 'connection.failing'] },
    to: ['ops'],
    continue: true,
  },
  {
    id: 'everything-to-crm',
    when: { type: ['call.completed', 'call.failed', 'call.updated'] },
    to: ['crm'],
  },
];
/** The dearest reading of "two destinations": both are told of everything. */
const ALL_ROUTES = [
  {
    id: 'everything-to-both',
    when: { type: ['call.completed', 'call.failed', 'call.updated'] },
    to: ['ops', 'crm'],
  },
];

/** Numbers that the simulated callers have: two thirds of the calls are from people whom the CRM knows. */
const KNOWN_NUMBERS = ['+120255501', '+141555501'].flatMap((prefix) =>
  Array.from({ length: 100 }, (_, line) => prefix + String(line).padStart(2, '0')),
);

export async function measureCalls(
  {
    calls,
    seed,
    tellBoth,
    batches,
  }: { calls: number; seed: number; tellBoth: boolean; batches: Batches },
  progress: (done: number, total: number) => void,
): Promise<MeasuredCalls> {
  const clock = new VirtualClock(45);
  const traffic = await startTraffic(clock, { calls, seed });
  const slack = await startSlack({
    token: SLACK_TOKEN,
    channels: [{ id: 'C0BENCH', name: 'ops' }],
    now: clock.ms,
  });
  const hubspot = await startHubSpot({ token: HUBSPOT_TOKEN, now: clock.ms });
  for (const phone of KNOWN_NUMBERS) hubspot.addContact({ phone });
  const stack = await startCountedStack(clock.ms, {
    ...traffic.secrets,
    'callwire/destinations/slack/bench': JSON.stringify({ token: SLACK_TOKEN }),
    'callwire/destinations/hubspot/bench': JSON.stringify({ token: HUBSPOT_TOKEN }),
  });
  await applyConfig(stack.tables, stack.template.resource('Storage/Control'), {
    connections: traffic.accounts.map(({ settings }) => settings),
    destinations: [
      {
        id: 'ops',
        kind: 'slack',
        token: 'secret:callwire/destinations/slack/bench#token',
        channel: '#ops',
        baseUrl: slack.apiUrl,
      },
      {
        id: 'crm',
        kind: 'hubspot',
        token: 'secret:callwire/destinations/hubspot/bench#token',
        baseUrl: hubspot.url,
      },
    ],
    routes: tellBoth ? ALL_ROUTES : ROUTES,
  });
  const restoreFetch = countFetched(stack.counter, [slack.url, hubspot.url]);
  const functions = buildFunctions(stack, clock);
  const pipeline = createPipeline(
    stack,
    functions,
    clock,
    new Set(batches === 'full' ? ['deliver hubspot'] : []),
  );

  const poll = (account: Account) => pollOnce(functions.poll, clock, account);
  // A connection's first polls store its history in silence, and find out how far back to look: once for ever.
  for (const account of traffic.accounts) {
    for (let round = 0; round < WARM_UP_POLLS; round += 1) await poll(account);
  }
  await pipeline.finish();
  const history = storedBytes(stack);
  const sums = await stack.counter.during(async () => {
    for (const [index, { at, account }] of traffic.polls.entries()) {
      clock.advanceTo(at);
      await poll(account);
      await pipeline.drain();
      progress(index + 1, traffic.polls.length);
    }
    await pipeline.finish();
  });
  const serverMs = await measureServerMs(stack.counter);
  const empty = await measureEmptyPolls(stack, traffic.accounts, serverMs, async (account) => {
    clock.advanceTo(clock.ms() + MINUTE_MS);
    await poll(account);
  });
  return {
    calls,
    sums,
    stored: less(storedBytes(stack), history),
    hubspotRequests: hubspot.requests().length,
    slackRequests: slack.messages().length,
    emptyPoll: empty.units,
    emptyPollCpuMs: empty.cpuMs,
    serverMs,
    stack,
    functions,
    clock,
    close: async () => {
      restoreFetch();
      await Promise.all([traffic.close(), slack.close(), hubspot.close(), stack.close()]);
    },
  };
}

/** The senders speak to their vendors through `fetch`: counts what leaves by it for these addresses. */
function countFetched(counter: Counter, addresses: readonly string[]): () => void {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (addresses.some((address) => url.startsWith(address))) {
      const body = typeof init?.body === 'string' ? Buffer.byteLength(init.body) : 0;
      counter.add('destination requests', 1);
      counter.add('destination bytes', url.length + body + ASSUMPTIONS.headerBytes);
    }
    return original(input, init);
  };
  return () => {
    globalThis.fetch = original;
  };
}

async function pollOnce(invoke: Invoke, clock: VirtualClock, { settings }: Account): Promise<void> {
  const now = clock.now();
  const tick = {
    dueAt: now.toISOString(),
    expiresAt: addMs(now, MINUTE_MS).toISOString(),
    connections: [settings],
  };
  await invoke({ Records: [{ messageId: 'tick', body: JSON.stringify(tick) }] });
}

const WARM_UP_POLLS = 10;
const EMPTY_ROUNDS = 3;

async function measureEmptyPolls(
  { counter }: CountedStack,
  accounts: readonly Account[],
  serverMs: number,
  poll: (account: Account) => Promise<void>,
) {
  // What the last polls of the traffic left to do (late facts that never come, a watermark) is done first.
  for (const account of accounts) await poll(account);
  const units = { readUnits: 0, writeUnits: 0, meanReadUnits: 0 };
  const polls = EMPTY_ROUNDS * accounts.length;
  let cpuMs = 0;
  for (let round = 0; round < EMPTY_ROUNDS; round += 1) {
    for (const account of accounts) {
      const used = Object.entries(await counter.during(() => poll(account)));
      const sum = (kind: string) =>
        used.reduce((total, [name, value]) => total + (name.startsWith(kind) ? value : 0), 0);
      units.readUnits = Math.max(units.readUnits, sum('read '));
      units.writeUnits = Math.max(units.writeUnits, sum('write '));
      units.meanReadUnits += sum('read ') / polls;
      cpuMs += sum('poll cpu ms') - sum('poll loopback requests') * serverMs;
    }
  }
  return { units, cpuMs: cpuMs / polls };
}

/** What lies in the tables and in their indexes. */
function storedBytes({ dynamo, template }: CountedStack): MeasuredCalls['stored'] {
  const sizeOf = (TableName: string, IndexName?: string) => {
    let items = 0;
    let bytes = 0;
    let ExclusiveStartKey: unknown;
    do {
      // The answer is DynamoDB's own shape.
      const page = dynamo.handle('Scan', {
        TableName,
        ...(IndexName && { IndexName }),
        ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
      }) as { Items: Record<string, unknown>[]; LastEvaluatedKey?: unknown };
      items += page.Items.length;
      for (const item of page.Items) bytes += itemSize(parseItem(item));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return { items, bytes };
  };
  const sizes = template.tables.flatMap(({ name, indexes }) => {
    const short = ['Calls', 'Deliveries'].find(
      (each) => template.resource(`Storage/${each}`) === name,
    );
    if (short === undefined) return [];
    return [
      [short, sizeOf(name)] as const,
      ...indexes.map((index) => [`${short}.${index.name}`, sizeOf(name, index.name)] as const),
    ];
  });
  return Object.fromEntries(sizes);
}

const less = (all: MeasuredCalls['stored'], before: MeasuredCalls['stored']) =>
  Object.fromEntries(
    Object.entries(all).map(([name, { items, bytes }]) => [
      name,
      { items: items - (before[name]?.items ?? 0), bytes: bytes - (before[name]?.bytes ?? 0) },
    ]),
  );
