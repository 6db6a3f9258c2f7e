import { setTimeout as wait } from 'node:timers/promises';
import { dynamoPollStates } from '../adapters/dynamo-control.ts';
import { EXIT } from './exit-status.ts';
import { printReport } from './output.ts';
import { readConfigText } from './read-config.ts';
import { allIsWell, readStored, reportOf } from './report.ts';
import { type Session, startSession } from './session.ts';
import { type SimulatedSide, startSimulatedSide } from './simulated-side.ts';
import { handleSignals } from './stopping.ts';
import { judge, type Truth, type Verdict } from './verdict.ts';
import { startWatch } from './watch.ts';

export interface DemoOptions {
  readonly seconds?: number | undefined;
  readonly json: boolean;
  readonly plain: boolean;
}

/** Two polls and a bit: after the world stands still, this is how long it takes to have seen all of it. */
const LAST_LOOK_MS = 3_000;

const DRAIN_MS = 30_000;

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

function explain({ lostCalls }: Verdict, violations: readonly string[]): void {
  for (const call of lostCalls) console.error(`callwire: lost: ${call}`);
  for (const violation of violations)
    console.error(`callwire: the other side objects: ${violation}`);
}

/** Runs the whole system against simulated providers and destinations. Returns the exit status. */
export async function demo({ seconds, json, plain }: DemoOptions): Promise<number> {
  const startedAt = performance.now();
  const { untilTimeOrSignal } = handleSignals();
  const side = await startSimulatedSide();
  let session: Session | undefined;
  try {
    const config = readConfigText(side.config, 'demo');
    const running = await startSession({
      config,
      dataFolder: undefined,
      secrets: side.secrets,
      wordsOf: side.wordsOf,
      progress: (step) => console.error(`callwire: ${step} …`),
    });
    session = running;
    const watch = startWatch(running.tally, {
      title: 'demo: provider and Slack are simulated',
      seconds,
      out: process.stderr,
      plain: plain || json,
    });
    running.startPolling();
    await untilTimeOrSignal(seconds);
    watch.step('no new calls from here on: a last look, and everybody is told');
    side.freeze();
    await wait(LAST_LOOK_MS);
    await running.stopPolling();
    const drained = await running.drain(DRAIN_MS);
    watch.end();

    const verdict = judge(
      await truths(side, running),
      running.tally.events,
      config.routes,
      side.received(),
    );
    const report = reportOf(running, await readStored(running.tables, running.outputs), config, {
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      drained,
      deadLetters: await running.deadLetters(),
      verdict,
    });
    explain(verdict, side.violations());
    printReport(report, { json });
    return allIsWell(report) && side.violations().length === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await session?.close();
    await side.close();
  }
}
