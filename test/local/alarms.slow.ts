import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { CANARY_DESTINATION } from '../../lib/canary/canary.ts';
import { synthesize } from '../../lib/cli/synthesize.ts';
import { destinations } from '../../lib/destinations/index.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { type Ended, reportIn } from '../cli/callwire.ts';
import { samvaRow } from '../support/scripted-samva.ts';
import {
  type Change,
  changedAssembly,
  impatient,
  refusedByQueue,
  switchedOff,
  throttledAt,
  unscheduled,
  withoutHandler,
  withoutTables,
  withoutVariable,
} from './alarms/broken-assembly.ts';
import { readDeclared } from './alarms/declared-alarms.ts';
import { type OtherSide, startOtherSide } from './alarms/other-side.ts';
import {
  commandsUnder,
  type Given,
  linesNamedUnder,
  localArguments,
  logsNamedUnder,
  sections,
} from './alarms/runbook.ts';
import type { Passed } from './alarms/seen-metrics.ts';
import { startWatched, type Watched } from './alarms/watched-system.ts';

const PATIENCE = { timeout: 60_000, interval: 200 };
const LIFE_MS = 180_000;

/** What cannot be had on this machine, and why. A new alarm is shown to ring, or is put here with its reason. */
const NOT_HERE: Readonly<Record<string, string>> = {
  StorageCallsRefusing: 'the embedded tables neither throttle nor fail',
  StorageControlRefusing: 'the embedded tables neither throttle nor fail',
  StorageDeliveriesRefusing: 'the embedded tables neither throttle nor fail',
  PollingSchedulesDropped: 'functions on this machine take every call of a schedule',
  ResumingSchedulesDropped: 'functions on this machine take every call of a schedule',
  CanarySchedulesDropped: 'functions on this machine take every call of a schedule',
  MendingSchedulesDropped: 'functions on this machine take every call of a schedule',
};

const root = mkdtempSync(join(tmpdir(), 'test-alarms-'));
const { assembly, codeCache } = await synthesize();
const declared = readDeclared(assembly);
const side: OtherSide = await startOtherSide();
/** Headings whose commands were typed. */
const walked = new Set<string>();

afterAll(async () => {
  await side.close();
  rmSync(root, { recursive: true, force: true });
});

/** `DeliverSlack` and the others, the canary's included. */
const DELIVERIES = [...destinations.map(({ kind }) => kind), CANARY_DESTINATION].map(
  (kind) => `Deliver${kind.replace(/^./, (letter) => letter.toUpperCase())}`,
);
const ofEach = (names: readonly string[], what: string): string[] =>
  names.map((name) => `${name}${what}`);

/** Where the runbook explains these alarms. */
const headingsOf = (names: readonly string[]): string[] => [
  ...new Set(
    declared.alarms.flatMap(({ name, heading }) => (names.includes(name) ? [heading] : [])),
  ),
];

interface Life {
  /** The folder with the data: of a life before, or empty. */
  readonly data: string;
  readonly changes?: readonly Change[];
  readonly config?: string;
}

/** Starts a system: of the stack as it is, or of one that went wrong. */
async function begin({ data, changes = [], config = side.config() }: Life): Promise<Watched> {
  const isSound = changes.length === 0;
  const changed = () => changedAssembly(assembly, mkdtempSync(join(root, 'changed-')), changes);
  return startWatched({
    assembly: isSound ? assembly : changed(),
    codeCache: isSound ? codeCache : undefined,
    folder: join(root, data),
    ...{ declared, config },
  });
}

/** Waits until exactly these ring; what is under way may be anything. */
const untilRinging = (watched: Watched, names: readonly string[], passed?: Passed) =>
  vi.waitFor(() => expect(watched.ringing(passed)).toEqual(names.toSorted()), PATIENCE);

/** What a person types whom an alarm has called: every command of its section, in its order. */
async function walk(
  watched: Watched,
  heading: string,
  given: Given = {},
): Promise<Record<string, Ended>> {
  walked.add(heading);
  const ended: Record<string, Ended> = {};
  for (const command of commandsUnder(heading)) {
    // A person would be asked.
    const yes = command.startsWith('remap') ? ['--yes'] : [];
    const name = command.replaceAll(/(?<=--[a-z]+) (?!--)\S+/g, '');
    ended[name] = await watched.callwire(...localArguments(command, given), ...yes);
  }
  return ended;
}

/** What commands said: status and words. */
function saying(status: number, words: RegExp): unknown {
  const stdout: unknown = expect.stringMatching(words);
  return expect.objectContaining({ status, stdout });
}

/** The headings that send people to logs in which there is nothing of the kind they describe. */
const withoutTrace = (watched: Watched, headings: readonly string[]): string[] =>
  headings.filter((heading) => {
    const [logs, lines] = [logsNamedUnder(heading), linesNamedUnder(heading)];
    const isFound =
      logs.some((log) =>
        watched.logOf(log).some(({ level }) => level === 'error' || level === 'ERROR'),
      ) ||
      lines.some(({ log, message }) => watched.logOf(log).some((line) => line.message === message));
    return logs.length + lines.length > 0 && !isFound;
  });

/** A call of Hamsa's. */
const call = (id: string, ageMs: number) => ({
  id,
  createdAt: new Date(Date.now() - ageMs).toISOString(),
  status: 'COMPLETED',
  channelType: 'Telephone',
  duration: 1,
});
/** One of Samva's that ended so long ago. */
const ended = (id: string, agoMs: number) => samvaRow(id, new Date(Date.now() - agoMs - 30_000));

/** From now on they list these. */
function list(hamsa: OtherSide['hamsa'], samva: OtherSide['samva']): void {
  side.hamsa.splice(0, Number.POSITIVE_INFINITY, ...hamsa);
  side.samva.splice(0, Number.POSITIVE_INFINITY, ...samva);
}

describe('a system whose providers and destinations are all well', () => {
  let rang: string[];

  beforeAll(async () => {
    list([], [ended('listed', 1_000)]);
    const watched = await begin({ data: 'calm' });
    // Too young for the look for gaps that has just been, old enough for the next.
    list([call('mended', 15 * MINUTE_MS - 2_000), call('swept', 30 * MINUTE_MS)], side.samva);
    const isTold = (calls: number) => () => {
      expect(side.told()).toEqual({ hubspot: calls, salesforce: calls, webhook: calls });
      expect(side.slack.posted).toHaveLength(calls);
    };
    await vi.waitFor(isTold(3), PATIENCE);
    const body = JSON.stringify({
      timestamp: new Date().toISOString(),
      data: ended('sent', 1_000),
    });
    expect(await watched.send(body, side.signed(body))).toBe(200);
    const swept = await watched.callwire('sweep', '--connection', 'shop');
    expect(swept.status, swept.stderr).toBe(0);
    await vi.waitFor(isTold(4), PATIENCE);
    await untilRinging(watched, []);
    rang = watched.ringing();
    await watched.stop();
  }, LIFE_MS);

  it('rings no alarm', () => {
    expect(rang).toEqual([]);
  });
});

const OF_LOST = ['MendingGapsFound', 'SweepingSweepCallsLost'];

describe('two calls of it whose deliveries were lost', () => {
  let rang: string[];
  let untraced: string[];
  let asLost: Record<string, Ended>;
  let asGaps: Record<string, Ended>;
  let again: Ended;

  beforeAll(async () => {
    const db = openDatabase(join(root, 'calm', 'callwire.db'));
    for (const id of ['mended', 'swept']) {
      db.exec(`DELETE FROM dynamodb_row WHERE item ->> '$.subject.S' = 'clinic#${id}'`);
      // Recorded an hour ago, by routes of before.
      db.exec(`UPDATE dynamodb_row
        SET item = json_set(item, '$.recordedAt.N', '${Date.now() - HOUR_MS}')
        WHERE item ->> '$.pk.S' = 'clinic#${id}' AND item ->> '$.version.N' IS NOT NULL`);
    }
    db.exec(`UPDATE dynamodb_row SET item = json_remove(item, '$.since')
      WHERE item ->> '$.pk.S' = 'config#routes'`);
    db.close();
    const watched = await begin({ data: 'calm' });
    const sweep = () => watched.callwire('sweep', '--connection', 'clinic');
    await sweep();
    await untilRinging(watched, OF_LOST);
    rang = watched.ringing();
    untraced = withoutTrace(watched, headingsOf(rang));
    asLost = await walk(watched, 'calls-lost', { connection: 'clinic' });
    asGaps = await walk(watched, 'gaps-found', { connection: 'clinic' });
    again = await vi.waitFor(async () => {
      const swept = await sweep();
      expect(swept.status, swept.stdout).toBe(0);
      return swept;
    }, PATIENCE);
    await watched.stop();
  }, LIFE_MS);

  it('ring what a sweep and the look for gaps find, and nothing else', () => {
    expect(rang).toEqual(OF_LOST);
  });

  it('are in the logs and in what is typed as the runbook says, and announced again by it', () => {
    expect(untraced).toEqual([]);
    const republished = saying(0, /^2 events of 2 calls were announced again/);
    expect(asLost).toEqual({
      status: saying(
        1,
        /^clinic\/swept was not (announced|told) to .*: callwire trace clinic\/swept$/m,
      ),
      'republish --connection --from --to': republished,
    });
    expect(asGaps).toEqual({ 'republish --connection --from --to': republished });
    expect(again.stdout).not.toContain('LOST');
  });
});

const OF_TROUBLE = [
  'DeliveriesParked',
  'DestinationsFailing',
  'PollingPollConnectionsFailing',
  'PollingPollRecordsQuarantined',
  'Stale',
  'WebhooksStageForged',
  'WebhooksStageThrottled',
  'WebhooksStageUnattributed',
];

describe('a system with trouble on both sides', () => {
  const HALF = '{"data": {"id": "half"';
  const FLOOD = 400;
  let rang: string[];
  let said: Record<string, Record<string, Ended>>;
  let statuses: number[];

  beforeAll(async () => {
    side.slack.refusal = 'is_archived';
    side.own.status = 422;
    const odd = { ...call('odd', MINUTE_MS), createdAt: 'yesterday' };
    list([call('plain', MINUTE_MS), odd], [ended('late', 3 * HOUR_MS)]);
    const watched = await begin({
      data: 'trouble',
      config: side.config({ id: 'expired', key: 'WRONG_KEY' }),
      changes: [throttledAt({ perSecond: 1, burst: 25 })],
    });
    expect(await watched.send(HALF, side.signed(HALF))).toBe(200);
    statuses = await Promise.all(
      Array.from({ length: FLOOD }, () => watched.send('{}', side.signed('{}', 'guessed'))),
    );
    await vi.waitFor(async () => {
      // Trouble of connections is counted each minute.
      await watched.call('PollingDispatch');
      expect(watched.ringing()).toEqual(OF_TROUBLE);
    }, PATIENCE);
    rang = watched.ringing();

    const unattributed = await watched.callwire('webhooks', 'list', '--json');
    const [{ id }] = z
      .object({ webhooks: z.tuple([z.object({ id: z.string() })]) })
      .parse(reportIn(unattributed)).webhooks;
    const connections = {
      connections: await walk(watched, 'connections-failing'),
      records: await walk(watched, 'records-quarantined', { connection: 'clinic' }),
      webhooks: await walk(watched, 'webhooks-unattributed', { connection: 'shop', id }),
    };
    side.slack.refusal = undefined;
    const failing = await walk(watched, 'destinations-failing', { destination: 'ops' });
    side.own.status = 204;
    const parked = await walk(watched, 'deliveries-parked', { destination: 'own' });
    const after = { attention: await untilNothingStands(watched) };
    said = { ...connections, failing, parked, after };
    await watched.stop();
  }, LIFE_MS);

  const untilNothingStands = (watched: Watched) =>
    vi.waitFor(async () => {
      const attention = await watched.callwire('attention');
      expect(attention.status, attention.stdout).toBe(0);
      return attention;
    }, PATIENCE);

  it('rings all that tell of it, and nothing else', () => {
    expect(rang).toEqual(OF_TROUBLE);
  });

  it('refuses more webhooks than it verifies, and knows those for forged nevertheless', () => {
    const throttled = statuses.filter((status) => status === 429);

    expect(throttled.length).toBeGreaterThan(0.8 * FLOOD);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  it('has connections of which the commands of the runbook show what is wrong', () => {
    expect(said.connections).toEqual({
      status: saying(1, /^expired +hamsa +FAILING .*: key refused/m),
    });
    expect(said.records).toEqual({
      status: saying(1, /^clinic .* 1 records$/m),
      'remap --connection': saying(0, /set aside, 0 can be read now, 0 of them news; 1 cannot/),
    });
  });

  it('has a webhook that they list, show and take again', () => {
    expect(said.webhooks).toEqual({
      'webhooks list': saying(1, /^shop .* is not JSON$/m),
      'webhooks show --connection --id': saying(0, /"half"/),
      'webhooks retake --connection': saying(1, /1 can still not be made out and are kept/),
      'backfill --connection --from --to --announce': saying(0, /^1 calls were listed/),
    });
  });

  it('has destinations of which they say what to do, and which are told after that', () => {
    const attention = saying(1, /^own: 2 parked \(refused\).*\n.* see the log of its receiver/m);
    expect(said.failing).toEqual({
      attention: saying(1, /^ops: .* parked \(is_archived\).*\n +Bring the channel back/m),
      'redrive --destination': saying(0, /deliveries were sent again, in order/),
    });
    expect(said.parked).toEqual({
      attention,
      'redrive --destination': saying(0, /^2 deliveries were sent again, in order/),
      'redrive --destination --state --since --until': saying(0, /Nothing of that stands still/),
    });
    expect(said.after).toEqual({ attention: saying(0, /./) });
  });
});

interface Cause {
  readonly what: string;
  readonly life: Life;
  /** What happens meanwhile, beyond what happens by itself. */
  readonly meanwhile?: (watched: Watched) => Promise<unknown>;
  readonly passed?: Passed;
  /** What this is the cause of. */
  readonly rings: readonly string[];
  /** What rings as well. */
  readonly also?: readonly string[];
  /** Headings whose logs are written by Lambda itself, which the local system does not. */
  readonly loggedByLambda?: readonly string[];
  /** A section with commands, and what they say. */
  readonly typed?: { readonly heading: string; readonly saying: Readonly<Record<string, unknown>> };
}

const CAUSES: readonly Cause[] = [
  {
    what: 'a deployment whose last functions find no table, and webhook no handler',
    life: {
      data: 'ends',
      changes: [
        impatient(...ofEach(DELIVERIES, 'Queue'), 'SweepingQueue'),
        withoutTables(
          ...ofEach(DELIVERIES, 'Deliver'),
          ...['SweepingSweep', 'ResumingResume', 'MendingMend'],
        ),
        withoutHandler('WebhooksWebhook'),
      ],
    },
    meanwhile: async (watched) => {
      expect(await watched.send('{}', side.signed('{}'))).toBe(500);
      const range = ['--from', '2026-01-01', '--to', '2026-02-01', '--announce', 'none'];
      await watched.begin('backfill', '--connection', 'clinic', ...range);
    },
    rings: [
      ...ofEach(DELIVERIES, 'DeliverFailing'),
      ...ofEach(DELIVERIES, 'DeadLettersNotEmpty'),
      'CanaryMissing',
      'MendingMendFailing',
      'ResumingResumeFailing',
      'SweepingDeadLettersNotEmpty',
      'SweepingSweepFailing',
      'WebhooksStageFailing',
      'WebhooksWebhookFailing',
    ],
    loggedByLambda: ['webhooks-failing'],
    typed: {
      heading: 'sweep-dead-letters',
      saying: { 'backfill --connection --cancel': saying(0, /^Canceled\./) },
    },
  },
  {
    what: 'a deployment whose first functions find no table, and publish no bus',
    life: {
      data: 'beginnings',
      changes: [
        impatient('OutboxFailures'),
        withoutTables('PollingDispatch', 'OutboxRepublish'),
        withoutVariable('OutboxPublish', 'BUS_NAME'),
      ],
    },
    rings: [
      'OutboxPublishFailing',
      'OutboxRepublishDeadLettersNotEmpty',
      'OutboxRepublishFailing',
      'PollingDispatchFailing',
    ],
    also: ['CanaryMissing'],
  },
  {
    what: 'a deployment in which nobody takes up what publish gave up on, and poll is told of no table',
    life: {
      data: 'given-up',
      changes: [
        withoutVariable('OutboxPublish', 'BUS_NAME'),
        switchedOff('OutboxRepublishFromQueue'),
        withoutVariable('PollingPoll', 'CONTROL_TABLE'),
      ],
    },
    rings: ['OutboxFailuresWaiting', 'PollingPollFailing'],
    also: ['CanaryMissing', 'OutboxPublishFailing'],
  },
  {
    what: 'a deployment whose route, poll and webhook find no table',
    life: {
      data: 'routes',
      changes: [
        impatient('RoutingQueue'),
        withoutTables('RoutingRoute', 'PollingPoll', 'WebhooksWebhook'),
      ],
    },
    meanwhile: async (watched) => {
      expect(await watched.send('{}', side.signed('{}'))).toBe(503);
    },
    rings: ['RoutingDeadLettersNotEmpty', 'RoutingRouteFailing', 'WebhooksStageFailing'],
    // A poll that breaks is counted by itself, and does not fail those beside it.
    also: ['CanaryMissing', 'PollingPollConnectionsFailing'],
  },
  {
    what: 'a route queue that refuses what the bus hands it, and a canary that finds no table',
    life: {
      data: 'refusing',
      changes: [refusedByQueue('RoutingAnnouncements'), withoutTables('CanarySend')],
    },
    rings: ['CanarySendFailing', 'RoutingAnnouncementsFailing'],
    also: ['CanaryMissing', 'RoutingDeadLettersNotEmpty'],
  },
  {
    what: 'a system whose polls, sweeps and resume somebody switched off',
    life: {
      data: 'off',
      changes: [
        switchedOff('PollingPollFromQueue', 'SweepingSweepFromQueue', 'OutboxPublishFromStream'),
        unscheduled('ResumingEveryMinute'),
      ],
    },
    meanwhile: (watched) => watched.begin('sweep', '--connection', 'clinic'),
    passed: { laterMs: 3 * HOUR_MS },
    rings: ['PollingQueueWaiting', 'ResumingResumeSilent', 'SweepingQueueWaiting'],
    // A stream that nobody reads has no age: only canaries tell of it.
    also: ['CanaryMissing'],
  },
  {
    what: 'the same when its stream is read again, and dispatch and route are switched off',
    life: {
      data: 'off',
      changes: [switchedOff('RoutingRouteFromQueue'), unscheduled('PollingEveryMinute')],
    },
    passed: { beforeMs: 10 * MINUTE_MS, laterMs: 10 * MINUTE_MS },
    rings: ['OutboxPublishBehind', 'PollingDispatchSilent', 'RoutingQueueWaiting'],
    also: ['CanaryMissing'],
  },
  {
    what: 'a system whose deliveries somebody switched off',
    life: {
      data: 'undelivered',
      changes: [switchedOff(...ofEach(DELIVERIES, 'DeliverFromQueue'))],
    },
    passed: { laterMs: HOUR_MS },
    rings: ofEach(DELIVERIES, 'QueueWaiting'),
    also: ['CanaryMissing'],
  },
];

describe.each(CAUSES.map((cause) => [cause.what, cause] as const))('%s', (_what, cause) => {
  const { life, meanwhile, passed, rings, also = [], loggedByLambda = [], typed } = cause;
  let rang: string[];
  let untraced: string[];
  let said: Record<string, Ended>;

  beforeAll(async () => {
    list([call('plain', MINUTE_MS)], []);
    const watched = await begin(life);
    try {
      await meanwhile?.(watched);
      await untilRinging(watched, [...rings, ...also], passed);
      rang = watched.ringing(passed);
      untraced = withoutTrace(
        watched,
        headingsOf(rings.filter((name) => /(Failing|NotEmpty)$/.test(name))),
      );
      if (typed) said = await walk(watched, typed.heading, { connection: 'clinic' });
    } finally {
      await watched.stop();
    }
  }, LIFE_MS);

  it('rings all that tell of it, and nothing else', () => {
    expect(rang).toEqual([...rings, ...also].toSorted());
  });

  it('is in the logs that the runbook names', () => {
    expect(untraced.filter((heading) => !loggedByLambda.includes(heading))).toEqual([]);
  });

  if (typed) {
    it('is dealt with by what is typed as the runbook says', () => {
      expect(said).toEqual(typed.saying);
    });
  }
});

describe('every alarm', () => {
  const rung = [...OF_LOST, ...OF_TROUBLE, ...CAUSES.flatMap(({ rings }) => rings)];
  const names = declared.alarms.map(({ name }) => name);

  it('rings by a cause of its own, or there is a reason why not here', () => {
    expect([...new Set([...rung, ...Object.keys(NOT_HERE)])].toSorted()).toEqual(names.toSorted());
    expect(Object.keys(NOT_HERE).filter((name) => rung.includes(name))).toEqual([]);
  });

  it('sends people to a section of the runbook', () => {
    expect(headingsOf(names).filter((heading) => !sections.has(heading))).toEqual([]);
  });

  it('has had the commands of its section typed, where it has any', () => {
    const typed = headingsOf(names).filter((heading) => commandsUnder(heading).length > 0);

    expect(typed.toSorted()).toEqual([...walked].toSorted());
  });
});
