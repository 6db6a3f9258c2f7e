import { EXIT } from './exit-status.ts';
import { printReport } from './output.ts';
import { readConfigFile } from './read-config.ts';
import { allIsWell, readStored, reportOf } from './report.ts';
import { localEnvironment } from './secret-references.ts';
import { startSession } from './session.ts';
import { handleSignals } from './stopping.ts';
import { startWatch } from './watch.ts';
import { webhookLines } from './webhook-addresses.ts';

export interface RunOptions {
  readonly config: string;
  readonly data: string;
  readonly port?: number | undefined;
  readonly seconds?: number | undefined;
  readonly json: boolean;
  readonly plain: boolean;
}

/** What is still on its way when a run is stopped may take this long to arrive. */
const DRAIN_MS = 30_000;

/** Runs the system on this machine against what the configuration names. Returns the exit status. */
export async function run({
  config: file,
  data,
  port,
  seconds,
  json,
  plain,
}: RunOptions): Promise<number> {
  const config = readConfigFile(file);
  const environment = localEnvironment(config);
  const startedAt = performance.now();
  const { untilTimeOrSignal } = handleSignals();
  const session = await startSession({
    config,
    dataFolder: data,
    environment,
    port,
    progress: (step) => console.error(`callwire: ${step} …`),
  });
  try {
    const { WebhookUrl: url, Deployment: deployment } = session.outputs;
    for (const line of webhookLines(config, { url, deployment }))
      console.error(`callwire: ${line}`);
    const watch = startWatch(session.tally, {
      title: `${file}, data in ${data}`,
      times: 'of the day',
      seconds,
      out: process.stderr,
      plain: plain || json,
    });
    await session.startPolling();
    const why = await untilTimeOrSignal(seconds);
    watch.step(
      why === 'time'
        ? 'the time is up: letting arrive what is under way'
        : 'stopping: letting arrive what is under way',
    );
    await session.stopPolling();
    const drained = await session.drain(DRAIN_MS);
    watch.end();
    const report = reportOf(session, await readStored(session.tables, session.outputs), config, {
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
      drained,
      deadLetters: await session.deadLetters(),
      verdict: undefined,
    });
    printReport(report, { json }, data);
    return allIsWell(report) ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await session.close();
  }
}
