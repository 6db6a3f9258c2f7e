/**
 * The other side of the backfill benchmark, in a process of its own: the embedded DynamoDB on a file, and
 * a provider whose list is made up as it is asked for.
 */
import { createServer } from 'node:http';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { listen } from '../support/listen.ts';
import { type Addresses, APART_MS, FIRST_AT, TABLES } from './backfill-world.ts';

const [, , file = ':memory:', endsAfter = '0'] = process.argv;
const count = Number(endsAfter);

const service = createDynamoService({ db: openDatabase(file), now: Date.now });
for (const table of TABLES) service.createTable(table);
const dynamo = await startAwsServer({ json: [service] });

const row = (call: number) => ({
  id: `conversation-${call}-7f3b9c2e`,
  createdAt: new Date(FIRST_AT + call * APART_MS).toISOString(),
  status: call % 5 === 0 ? 'NO_ANSWER' : 'COMPLETED',
  voiceAgentId: '5b2f6a54-0f5c-4a35-9a4e-2f4f3f0e9d11',
  agentName: 'Reception',
  duration: 30 + (call % 300),
  channelType: 'Telephone',
  callParams: { userNumber: `+96655${String(call % 10_000_000).padStart(7, '0')}` },
});

const provider = await listen(
  createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://hamsa');
    const number = (name: string) => Number(searchParams.get(name));
    const first = Math.max(0, Math.ceil((number('startTime') - FIRST_AT) / APART_MS));
    const last = Math.min(count - 1, Math.floor((number('endTime') - FIRST_AT) / APART_MS));
    const filtered = Math.max(0, last - first + 1);
    const begin = first + (number('page') - 1) * number('perPage');
    const length = Math.max(0, Math.min(number('perPage'), last - begin + 1));
    const calls = Array.from({ length }, (_, at) => row(begin + at));
    const body = { success: true, message: 'success', data: { total: count, filtered, calls } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }),
);
const addresses: Addresses = { dynamo: dynamo.endpoint, provider: provider.url };
process.send?.(addresses);
process.once('disconnect', () => process.exit());
