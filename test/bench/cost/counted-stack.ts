import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { synthesize } from '../../../lib/cli/synthesize.ts';
import { startAwsServer } from '../../../lib/local/aws-server.ts';
import { openDatabase } from '../../../lib/local/database.ts';
import type { Consumption } from '../../../lib/local/dynamodb/capacity.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import { createBusService } from '../../../lib/local/eventbridge.ts';
import { createObjectService } from '../../../lib/local/s3.ts';
import { createSecretService } from '../../../lib/local/secrets.ts';
import type { JsonService } from '../../../lib/local/services.ts';
import { createQueueService } from '../../../lib/local/sqs/queue-service.ts';
import type { LocalTemplate } from '../../../lib/local/template/declarations.ts';
import { loadTemplate } from '../../../lib/local/template.ts';
import { Counter } from './counter.ts';

/** EventBridge and SQS bill by this much of a payload. */
const CHUNK_BYTES = 64 * 1024;
const chunks = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));

const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The embedded AWS with the resources of the stack that deploys, counting what AWS would bill. */
export interface CountedStack {
  readonly template: LocalTemplate;
  readonly counter: Counter;
  readonly dynamo: ReturnType<typeof createDynamoService>;
  readonly queues: ReturnType<typeof createQueueService>;
  readonly tables: DynamoDBDocumentClient;
  /** What the template gives a function, and where the embedded AWS is. */
  environmentOf(path: string): NodeJS.ProcessEnv;
  /** The unpacked bundle of a function. */
  folderOf(path: string): string;
  close(): Promise<void>;
}

/** `CallwireStorageCalls1234` → `Calls`: tables and queues by the word people use. */
const shortName = (template: LocalTemplate, name: string): string =>
  ['Calls', 'Control', 'Deliveries'].find(
    (table) => template.resource(`Storage/${table}`) === name,
  ) ?? name;

export async function startCountedStack(
  now: () => number,
  secrets: Readonly<Record<string, string>>,
): Promise<CountedStack> {
  const stack = await synthesize();
  const counter = new Counter();
  const context = { db: openDatabase(':memory:'), now };
  const endpoint = { current: '' };
  const short = new Map<string, string>();
  const dynamo = createDynamoService(context, {
    onConsumed: (consumption) => countUnits(counter, short, consumption),
  });
  const queues = createQueueService(context, () => endpoint.current);
  const bus = createBusService(context, queues);
  const secretService = createSecretService(context);
  const objects = createObjectService(context);
  bus.onEvent((event, _bus, matched) => {
    const bytes = Buffer.byteLength(JSON.stringify(event.detail));
    counter.add('eventbridge events', chunks(bytes));
    counter.add('event bytes', bytes);
    counter.add('sqs route sends', matched.length * chunks(bytes));
  });

  const server = await startAwsServer({
    json: [dynamo, queues, bus, secretService].map((service) => counted(service, counter)),
    objects: {
      createBucket: objects.createBucket,
      handle: (request) => {
        if (request.method === 'PUT') {
          counter.add('s3 puts', 1);
          counter.add('s3 bytes', request.body.length);
        }
        counter.add('aws requests', 1);
        return objects.handle(request);
      },
    },
  });
  endpoint.current = server.endpoint;
  const template = loadTemplate(stack.assembly, server.endpoint);
  for (const table of template.tables) {
    dynamo.createTable(table);
    short.set(table.name, shortName(template, table.name));
  }
  for (const queue of template.queues) queues.createQueue(queue);
  for (const name of template.buses) bus.createBus(name);
  for (const rule of template.rules) bus.createRule(rule);
  for (const name of template.buckets) objects.createBucket(name);
  for (const [name, value] of Object.entries(secrets)) secretService.putSecret(name, value);

  // The functions' own clients take their endpoint and credentials from the environment, as on AWS.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  });
  const tables = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: LOCAL_CREDENTIALS,
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  return {
    template,
    counter,
    dynamo,
    queues,
    tables,
    environmentOf: (path) => ({ ...functionAt(template, path).environment }),
    folderOf: (path) => functionAt(template, path).folder,
    close: async () => {
      tables.destroy();
      await server.close();
      context.db.close();
      stack.remove();
    },
  };
}

function countUnits(
  counter: Counter,
  short: ReadonlyMap<string, string>,
  { table, kind, tableUnits, indexUnits }: Consumption,
): void {
  const name = short.get(table) ?? table;
  if (tableUnits > 0) counter.add(`${kind} ${name}`, tableUnits);
  for (const [index, units] of Object.entries(indexUnits)) {
    counter.add(`${kind} ${name}.${index}`, units);
  }
}

/** Counts the requests of a service, and how long it took over them: time that is none of the functions'. */
function counted(service: JsonService, counter: Counter): JsonService {
  return {
    target: service.target,
    handle: (operation, input) => {
      const before = performance.now();
      try {
        return service.handle(operation, input);
      } finally {
        counter.add('service ms', performance.now() - before);
        counter.add('aws requests', 1);
        counter.add(operation, 1);
        if (operation === 'SendMessageBatch') {
          counter.add(`sent ${String(input.QueueUrl).split('/').at(-1)}`, entriesOf(input));
        }
      }
    },
  };
}

const entriesOf = ({ Entries }: Record<string, unknown>): number =>
  Array.isArray(Entries) ? Entries.length : 0;

export function functionAt(
  template: LocalTemplate,
  path: string,
): LocalTemplate['functions'][number] {
  const name = template.resource(path);
  const found = template.functions.find((each) => each.name === name);
  if (!found) throw new Error(`The template has no function ${path}`);
  return found;
}
