import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoDeliveries } from '../../../lib/adapters/dynamo-deliveries.ts';
import { dynamoIncidents } from '../../../lib/adapters/dynamo-incidents.ts';
import { dynamoPaceBook } from '../../../lib/adapters/dynamo-pace.ts';
import { startAwsServer } from '../../../lib/local/aws-server.ts';
import { openDatabase } from '../../../lib/local/database.ts';
import { createDynamoService } from '../../../lib/local/dynamodb/dynamo-service.ts';
import type { SlackMessage } from '../../../lib/local/simulators/slack-messages.ts';
import { failedCall } from '../../delivery/events.ts';
import { deliveriesTable } from '../../support/deliveries-table.ts';
import { LOCAL } from '../../support/sdk.ts';
import { START, slackWorld } from '../../support/slack-world.ts';

export interface StormOptions {
  readonly failures: number;
  readonly channels: number;
  /** All of them come within this. */
  readonly seconds: number;
  /** Slack says now and then that it is too much, and for how long. */
  readonly refusals: boolean;
}

export interface StormScore {
  readonly failures: number;
  /** Calls whose name a person can read in their channel: in an incident's first message or its replies. */
  readonly told: number;
  /** Requests beyond a channel's rate or a method's, and those that did not wait as long as they were asked to. */
  readonly rateViolations: number;
  /** From a channel's first failure to the first message there, the longest of all channels. */
  readonly firstWordSeconds: { readonly max: number };
  /** From the first failure until the last call has been named. */
  readonly allNamedSeconds: number;
  readonly messages: number;
  /** Calls that were named more than once. */
  readonly doubled: number;
  /** Answers with 429, each of which was waited out. */
  readonly refused: number;
}

/** As long after the last failure as anybody is waited for, in virtual time. */
const PATIENCE_MS = 10 * 60_000;

/** Connections and reasons of each channel's calls: an incident each. */
const CONNECTIONS = 2;
const REASONS = ['no_answer', 'provider.error'];

/** The store that runs locally, with what deploys reading and writing it. */
async function embeddedStore() {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: () => START });
  service.createTable(deliveriesTable);
  const server = await startAwsServer({ json: [service] });
  const base = new DynamoDBClient({ endpoint: server.endpoint, ...LOCAL });
  const client = DynamoDBDocumentClient.from(base);
  const { name } = deliveriesTable;
  return {
    kept: {
      store: dynamoDeliveries(client, name),
      paceBook: dynamoPaceBook(client, name),
      incidents: dynamoIncidents(client, name),
    },
    close: async () => {
      base.destroy();
      await server.close();
      db.close();
    },
  };
}

const rounded = (ms: number): number => Math.round(ms / 10) / 100;

/**
 * Many calls fail at once, and people read about them in a few channels: the delivery engine and its
 * adapters as they deploy, on the embedded DynamoDB, against Slack's look-alike, in virtual time.
 */
export async function storm(options: StormOptions): Promise<StormScore> {
  const { failures, channels, seconds, refusals } = options;
  const names = Array.from({ length: channels }, (_, index) => `channel-${index}`);
  const { kept, close } = await embeddedStore();
  const world = await slackWorld({
    channels: names,
    kept,
    slack: {
      // Without the bursts that Slack allows and does not promise.
      limit: { perSecond: 1, burst: 1 },
      faults: refusals ? { tooManyRequests: 0.25, retryAfterSeconds: 4 } : {},
    },
  });
  const calls = Array.from({ length: failures }, (_, index) => {
    const channel = names[index % channels] ?? '';
    const round = Math.floor(index / channels);
    const reason = REASONS[round % REASONS.length] ?? null;
    const connection = `${channel}-clinic-${Math.floor(round / REASONS.length) % CONNECTIONS}`;
    const id = `call-${String(index).padStart(6, '0')}`;
    const atMs = Math.floor((index * seconds * 1000) / failures);
    const occurredAt = new Date(START + atMs).toISOString();
    const event = { ...failedCall({ id, connection, reason }), id: `evt-${index}`, occurredAt };
    return { id, channel, atMs, event };
  });
  for (const { event, channel, atMs } of calls) world.tell(event, channel, atMs);

  try {
    await world.clock.run(START + seconds * 1000 + PATIENCE_MS);
    if (world.crashes.length > 0) throw new AggregateError(world.crashes, 'Deliveries crashed');
    return scoreOf(calls, world);
  } finally {
    await world.workspace.close();
    await close();
  }
}

function scoreOf(
  calls: readonly { readonly id: string; readonly channel: string; readonly atMs: number }[],
  { workspace, logged }: Pick<Awaited<ReturnType<typeof slackWorld>>, 'workspace' | 'logged'>,
): StormScore {
  const messages = workspace.messages();
  const namesOf = ({ seen }: SlackMessage) => new Set(seen.match(/call-\d{6}/g));
  const namedAt = new Map<string, number[]>();
  for (const message of messages) {
    for (const id of namesOf(message)) {
      const place = `${message.channelName} ${id}`;
      namedAt.set(place, [...(namedAt.get(place) ?? []), message.arrivedAt]);
    }
  }
  const named = calls.flatMap(({ id, channel }) => namedAt.get(`${channel} ${id}`) ?? []);
  const firstWords = [...Map.groupBy(calls, ({ channel }) => channel)].map(([channel, [first]]) => {
    const word = messages.find(({ channelName }) => channelName === channel);
    return (word?.arrivedAt ?? Number.POSITIVE_INFINITY) - START - (first?.atMs ?? 0);
  });
  const told = calls.filter(({ id, channel }) => namedAt.has(`${channel} ${id}`));
  return {
    failures: calls.length,
    told: told.length,
    rateViolations: workspace.violations().length,
    firstWordSeconds: { max: rounded(Math.max(...firstWords)) },
    allNamedSeconds: rounded(Math.max(...named) - START),
    messages: messages.length,
    doubled: [...namedAt.values()].filter((times) => times.length > 1).length,
    refused: logged.filter(({ fields }) => Object(fields).reason === 'rate_limited').length,
  };
}
