/** The local system under test, in a process of its own: its memory is nobody else's. */
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { applyConfig } from '../../../lib/adapters/apply-config.ts';
import { dynamoPollStates } from '../../../lib/adapters/dynamo-control.ts';
import { readStored } from '../../../lib/cli/report.ts';
import { LOCAL_AWS } from '../../../lib/cli/session.ts';
import { synthesize } from '../../../lib/cli/synthesize.ts';
import { startLocalSystem } from '../../../lib/local/system.ts';
import { webhookAddress } from '../../../lib/webhooks/path.ts';
import { listen } from '../../support/listen.ts';
import { SECRETS } from './mix.ts';

export type Command = 'memory' | 'settle';
export type Said =
  | { readonly addresses: Readonly<Record<string, string>> }
  | { readonly megabytes: number }
  | { readonly calls: Readonly<Record<string, number>>; readonly kept: number };

const SETTLE_MS = 120_000;
const [, , folder = ''] = process.argv;

/** Every list of the simulated providers is empty: what is stored was brought by webhooks. */
const provider = await listen(
  createServer((request, response) => {
    const body = request.url?.startsWith('/voice')
      ? { items: [], pagination: { page: 1, limit: 100, total: 0, totalPages: 0 } }
      : request.url?.includes('minimal-list')
        ? { success: true, data: { total: 0, filtered: 0, calls: [] } }
        : [];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }),
);
const connection = (id: string, name: string, scheme: Record<string, string> = {}) => ({
  id,
  provider: name,
  key: 'secret:callwire/providers/bench#key',
  baseUrl: provider.url,
  poll: { every: '24h', max: '24h' },
  webhook: { secrets: [`secret:callwire/providers/bench#${id}`], ...scheme },
});
const connections = [
  connection('signed', 'samva'),
  connection('plain', 'hamsa'),
  connection('timed', 'vozagent', {
    scheme: 'hmac',
    header: 'X-Signature',
    prefix: 'sha256=',
    timestampHeader: 'X-Time',
  }),
];

const { assembly, codeCache } = await synthesize();
const system = await startLocalSystem({
  assembly,
  codeCache,
  dataFile: `${folder}/data.db`,
  secrets: { 'callwire/providers/bench': JSON.stringify({ key: 'k', ...SECRETS }) },
});
const tables = DynamoDBDocumentClient.from(
  new DynamoDBClient({ ...LOCAL_AWS, endpoint: system.endpoint }),
);
const output = (name: string) => system.outputs[name] ?? '';
const ControlTableName = output('ControlTableName');
await applyConfig(tables, ControlTableName, { connections, destinations: [], routes: [] });
system.startSchedules();

// What is news of a connection is decided by its first poll.
const states = dynamoPollStates(tables, ControlTableName);
for (const { id } of connections) {
  while ((await states.load(id)).state === undefined) await wait(50);
}

const say = (said: Said) => process.send?.(said);

async function settle(): Promise<Said> {
  await system.drain({ timeoutMs: SETTLE_MS });
  const stored = await readStored(tables, {
    ControlTableName,
    CallsTableName: output('CallsTableName'),
    DeliveriesTableName: output('DeliveriesTableName'),
  });
  const { Count = 0 } = await tables.send(
    new QueryCommand({
      TableName: ControlTableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :webhook)',
      ExpressionAttributeValues: { ':pk': 'connection#signed', ':webhook': 'webhook#' },
      Select: 'COUNT',
    }),
  );
  const calls = stored.calls.map(({ call, version }) => [call.id, version] as const);
  return { calls: Object.fromEntries(calls), kept: Count };
}

process.on('message', (command: Command) => {
  if (command === 'memory') say({ megabytes: process.memoryUsage.rss() / 1024 / 1024 });
  else void settle().then(say);
});
process.once('disconnect', () => process.exit());

say({
  addresses: Object.fromEntries(
    connections.map(({ id }) => [
      id,
      webhookAddress(output('WebhookUrl'), output('Deployment'), id),
    ]),
  ),
});
