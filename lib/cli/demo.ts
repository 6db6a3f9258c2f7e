import { setTimeout as wait } from 'node:timers/promises';
import { dynamoPollStates } from '../adapters/dynamo-control.ts';
import type { CallwireConfig } from '../config/callwire-file.ts';
import { webhookAddress } from '../webhooks/path.ts';
import { openConsole } from './console.ts';
import { EXIT } from './exit-status.ts';
import { sessionStores } from './locate.ts';
import { printReport } from './output.ts';
import { judgeQuarantine, type QuarantineVerdict } from './quarantine-verdict.ts';
import { recordsIn } from './reach-records.ts';
import { readConfigText } from './read-config.ts';
import { allIsWell, readStored, reportOf } from './report.ts';
import { type Session, startSession } from './session.ts';
import { type SimulatedSide, startSimulatedSide } from './simulated-side.ts';
import { handleSignals } from './stopping.ts';
import { judgeTraces, type TraceVerdict } from './trace-verdict.ts';
import { judge, type Truth, type Verdict } from './verdict.ts';
import { startWatch } from './watch.ts';

export interface DemoOptions {
  readonly seconds?: number | undefined;
  readonly json: boolean;
  readonly plain: boolean;
  readonly faults: boolean;
  /** Offers a page to look at it meanwhile. */
  readonly console: boolean;
}

/** So often each connection is polled after the world stands still, to have seen all of it. */
const LAST_POLLS = 2;
const LAST_LOOK_MS = 45_000;

/** The longest wait after a third failure (`retry.ts`: two minutes and a fifth), and some for what queues behind. */
const DRAIN_MS = 180_000;

/** Baselines are Callwire's own; that its decision was taken before the first request is tested elsewhere. */
async function truths(side: SimulatedSide, { tables, outputs }: Session): Promise<Truth[]> {
  const states = dynamoPollStates(tables, outputs.ControlTableName);
  return Promise.all(
    side.truth().map(async ({ connection, calls }) => {
      const { state } = await states.load(connection);
      return { connection, calls, baselineAt: state?.baselineAt ?? new Date(0).toISOString() };
    }),
  );
}

/** Waits until every connection was polled again, well. */
async function lastLook(
  { tally }: Session,
  { connections }: Pick<CallwireConfig, 'connections'>,
): Promise<void> {
  const polled = (id: string) => tally.connections.get(id)?.polls ?? 0;
  const before = new Map(connections.map(({ id }) => [id, polled(id)]));
  const isSeen = () =>
    [...before].every(
      ([id, polls]) => !tally.connections.get(id)?.trouble && polled(id) > polls + LAST_POLLS,
    );
  const giveUpAt = performance.now() + LAST_LOOK_MS;
  while (!isSeen() && performance.now() < giveUpAt) await wait(100);
}

function explain(
  { lostCalls, odd, oddTraces }: Verdict & QuarantineVerdict & TraceVerdict,
  violations: readonly string[],
): void {
  for (const call of lostCalls) console.error(`callwire: lost: ${call}`);
  for (const record of [...odd, ...oddTraces]) console.error(`callwire: ${record}`);
  for (const violation of violations)
    console.error(`callwire: the other side objects: ${violation}`);
}

/** Serves the console of a demo, and says where. */
async function offerConsole(session: Session) {
  const reached = await recordsIn(sessionStores(session));
  const opened = await openConsole(reached, { place: 'demo', local: true });
  console.error(`callwire: look at it at ${opened.url}`);
  return async () => {
    await opened.close();
    await reached.close();
  };
}

/** Compares what is told of calls afterwards with what really happened to them. */
async function judgeRecords(
  session: Session,
  {
    truth,
    received,
    events,
  }: Pick<SimulatedSide, 'truth' | 'events'> & {
    readonly received: ReturnType<SimulatedSide['received']>;
  },
): Promise<TraceVerdict> {
  const { records, close } = await recordsIn(sessionStores(session));
  try {
    return await judgeTraces(records, { truths: truth(), received, events: events() });
  } finally {
    await close();
  }
}

/** Runs the whole system against simulated providers and destinations. Returns the exit status. */
export async function demo(options: DemoOptions): Promise<number> {
  const { seconds, json, plain, faults } = options;
  const startedAt = performance.now();
  const { untilTimeOrSignal } = handleSignals();
  const side = await startSimulatedSide({ faults });
  let session: Session | undefined;
  let closeConsole: (() => Promise<void>) | undefined;
  try {
    const config = readConfigText(side.config, 'demo');
    const running = await startSession({
      config,
      dataFolder: undefined,
      secrets: side.secrets,
      reader: side.reader,
      progress: (step) => console.error(`callwire: ${step} …`),
    });
    session = running;
    // What is to be read by a program has nobody who looks.
    if (options.console && !json) closeConsole = await offerConsole(running);
    const watch = startWatch(running.tally, {
      title: 'demo: providers, Slack and HubSpot are simulated',
      times: 'since the start',
      seconds,
      out: process.stderr,
      plain: plain || json,
    });
    await running.startPolling();
    const { WebhookUrl, Deployment } = running.outputs;
    side.sendWebhooks((connection) => webhookAddress(WebhookUrl, Deployment, connection));
    await untilTimeOrSignal(seconds);
    watch.step('no more calls begin; those already there are still read, and told');
    side.freeze();
    await lastLook(running, config);
    await running.stopPolling();
    const drained = await running.drain(DRAIN_MS);
    watch.end();

    const stored = await readStored(running.tables, running.outputs);
    const received = side.received(stored.calls.map(({ call }) => call));
    const verdict = {
      ...judge(await truths(side, running), running.tally.events, config.routes, received),
      ...(await judgeRecords(running, { ...side, received })),
      ...judgeQuarantine(side.truth(), stored.quarantined),
    };
    const report = reportOf(running, stored, config, {
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      drained,
      deadLetters: await running.deadLetters(),
      verdict,
    });
    explain(verdict, side.violations());
    printReport(report, { json });
    return allIsWell(report) && side.violations().length === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await closeConsole?.();
    await session?.close();
    await side.close();
  }
}
