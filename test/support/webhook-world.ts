import { createHmac } from 'node:crypto';
import { connectionSchema } from '../../lib/config/settings.ts';
import { stableId } from '../../lib/hash.ts';
import { pollTick, type Tick } from '../../lib/polling/tick.ts';
import { providerById } from '../../lib/providers/index.ts';
import type { Provider } from '../../lib/providers/provider.ts';
import { webhookAddress } from '../../lib/webhooks/path.ts';
import { pollAtOnce } from '../../lib/webhooks/poll-at-once.ts';
import type {
  HintWindow,
  KeptWebhooks,
  Unattributed,
  UnattributedStore,
  WebhookDeps,
} from '../../lib/webhooks/ports.ts';
import { receiveWebhook } from '../../lib/webhooks/receive-webhook.ts';
import type { TakeDeps } from '../../lib/webhooks/take-webhook.ts';
import { NOW } from './calls.ts';
import {
  memoryCalls,
  memoryPollStates,
  memoryQuarantine,
  memoryRawBucket,
} from './memory-calls.ts';
import { scriptedSamva } from './scripted-samva.ts';

export const SECRET = 'whsec_test';
const DEPLOYMENT = 'stack-1';

/** The reference of hint windows. */
export function memoryHintWindows() {
  const windows = new Map<string, HintWindow>();
  const count = { reads: 0, writes: 0 };
  const store: WebhookDeps['windows'] = {
    read: async (connection) => {
      count.reads += 1;
      return windows.get(connection);
    },
    replace: async (connection, before, next) => {
      count.writes += 1;
      const stored = windows.get(connection);
      if (JSON.stringify(stored) !== JSON.stringify(before)) return false;
      windows.set(connection, next);
      return true;
    },
  };
  return { ...store, windows, count };
}

/** The reference of what could not be made out, for those who keep it and those who take it again. */
export function memoryUnattributed() {
  const all = new Map<string, Unattributed & { connection: string; id: string; at: string }>();
  const keyOf = (connection: string, id: string) => `${connection} ${id}`;
  const store: UnattributedStore & KeptWebhooks = {
    keep: async (connection, webhook, at) => {
      const id = stableId(webhook.encoding, webhook.body);
      all.set(keyOf(connection, id), { connection, id, at: at.toISOString(), ...webhook });
    },
    list: async (connection) =>
      [...all.values()]
        .filter((kept) => kept.connection === connection)
        .map(({ id, at, rule }) => ({ id, at, rule }))
        .toSorted((a, b) => a.at.localeCompare(b.at)),
    read: async (connection, id) => {
      const kept = all.get(keyOf(connection, id));
      return kept && { body: kept.body, encoding: kept.encoding, rule: kept.rule };
    },
    remove: async (connection, id) => {
      all.delete(keyOf(connection, id));
    },
  };
  return store;
}

/** A deployment that takes the webhooks of one connection, with a clock that stands still until it is told to go on. */
export function webhookWorld(
  written: Record<string, unknown> = {},
  { provider }: { provider?: Provider } = {},
) {
  let time = NOW.getTime();
  const now = () => new Date(time);
  const line = {
    id: 'shop',
    provider: 'samva',
    key: 'env:KEY',
    webhook: { secrets: ['env:HOOK'] },
    firstRun: 'all',
    ...written,
  };
  const settings = connectionSchema.parse(line);
  const target = { settings, provider: provider ?? providerById(settings.provider), written: line };
  const calls = memoryCalls();
  const states = memoryPollStates();
  const windows = memoryHintWindows();
  const server = scriptedSamva(now);
  const raws = memoryRawBucket();
  const ticks: { tick: Tick; delaySeconds: number; group: string }[] = [];
  const unattributed: (Unattributed & { connection: string })[] = [];
  const kept = memoryUnattributed();
  const counted: string[] = [];
  const logged: unknown[] = [];
  /** Every look at anything that is stored, secrets included. */
  const reads: string[] = [];

  const hints = {
    windows,
    sendTick: async (tick: Tick, options: { delaySeconds: number; group: string }) => {
      ticks.push({ tick, ...options });
    },
    now,
  };
  const deps: TakeDeps = {
    ...hints,
    deployment: DEPLOYMENT,
    target: async (connection) => {
      reads.push(`connection ${connection}`);
      return connection === settings.id && settings.webhook ? target : undefined;
    },
    baselineOf: async (connection) => {
      reads.push('baseline');
      return states.states.get(connection);
    },
    secret: async (reference) => {
      reads.push(`secret ${reference}`);
      return SECRET;
    },
    calls: {
      ...calls,
      get: (connection, ids, options) => {
        reads.push('calls');
        return calls.get(connection, ids, options);
      },
    },
    raws,
    unattributed: {
      keep: async (connection, webhook, at) => {
        unattributed.push({ connection, ...webhook });
        await kept.keep(connection, webhook, at);
      },
    },
    pollAtOnce: pollAtOnce(hints),
    log: (level, message, fields) => logged.push({ level, message, ...fields }),
    count: (metric) => counted.push(metric),
  };

  const signed = (body: string | Uint8Array, secret = SECRET): Record<string, string> => ({
    'x-webhook-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  });
  const [connection = '', check = ''] = webhookAddress('', DEPLOYMENT, settings.id)
    .split('/')
    .slice(1);
  const path = { connection, check };

  return {
    target,
    deps,
    calls,
    states,
    windows,
    server,
    ticks,
    unattributed,
    kept,
    counted,
    logged,
    reads,
    path,
    signed,
    now,
    /** Lets time pass. */
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
    /** Sends a body, signed unless other headers are given. */
    send: (
      body: unknown,
      {
        headers,
        to = path,
        ...other
      }: Partial<TakeDeps> & {
        headers?: Record<string, string>;
        to?: typeof path;
      } = {},
    ) => {
      const bytes =
        body instanceof Uint8Array || typeof body === 'string'
          ? Buffer.from(body)
          : Buffer.from(JSON.stringify(body));
      const sent = { path: to, headers: headers ?? signed(bytes), body: bytes };
      return receiveWebhook(sent, { ...deps, ...other });
    },
    /** Polls as the poll function does with a tick: that of a hint, or one that was due. */
    poll: ({ hinted = false } = {}) =>
      pollTick(
        {
          dueAt: now().toISOString(),
          expiresAt: now().toISOString(),
          connections: [line],
          hinted,
        },
        {
          calls,
          states,
          quarantine: memoryQuarantine(),
          raws,
          http: server.http,
          now,
          random: () => 0.5,
          secret: async () => 'sk-test',
          deadline: new Date(8.64e15),
          log: () => {},
          count: () => {},
        },
      ),
    stored: (id: string) => calls.stored(settings.id, id),
    /** What was announced, as `type id`. */
    told: (): string[] =>
      calls
        .announced()
        .map((event) => `${event.type} ${'call' in event ? event.call.id : ''}`.trim()),
  };
}
