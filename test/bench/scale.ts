/**
 * Ten thousand connections for a day: how long a due poll waits, whether a busy tenant keeps a quiet one waiting,
 * and what one dispatch takes. Dispatch is production's; queue and Lambda are a model (`scale/queue-model.ts`).
 * Ends with status 1 when a limit is passed.
 */
import { parseArgs } from 'node:util';
import { ASSUMPTIONS } from './cost/assumptions.ts';
import { type DayMessage, QUIET_HOST, simulateDay } from './scale/day.ts';
import { measureSandbox } from './scale/measure-sandbox.ts';
import { startsOf } from './scale/queue-model.ts';

const HELP = `npm run bench:scale -- [options]

  --connections <n>  default 10000
  --hours <n>        of virtual time, default 24
  --concurrency <n>  invocations of poll at once, default 1000 (a new account's)
  --seed <n>         default 1
  --json             one line of JSON
`;

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    hours: { type: 'string', default: '24' },
    concurrency: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}

const LIMITS = { waitP99Seconds: 60, quietRatio: 2, dispatchMs: 10_000, dispatchMb: 200 };

const connections = Number(values.connections);
const maxConcurrency = Number(values.concurrency);
const say = (text: string) => process.stderr.write(text);
const rounded = (value: number): number => Math.round(value * 100) / 100;

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

const ratio = (beside: number, alone: number): number => rounded(beside / alone);

/** Seconds from the instant a poll was due until its invocation begins. */
function waits(
  messages: readonly DayMessage[],
  options: { fair: boolean; only?: string },
): { mean: number; p50: number; p95: number; p99: number; max: number } {
  const starts = startsOf(messages, { fair: options.fair, maxConcurrency });
  const seconds = messages
    .filter(({ group }) => options.only === undefined || group === options.only)
    .flatMap((message) => message.dueAt.map((due) => ((starts.get(message) ?? due) - due) / 1000))
    .sort((a, b) => a - b);
  return {
    mean: rounded(seconds.reduce((sum, each) => sum + each, 0) / seconds.length),
    p50: rounded(quantile(seconds, 0.5)),
    p95: rounded(quantile(seconds, 0.95)),
    p99: rounded(quantile(seconds, 0.99)),
    max: rounded(seconds.at(-1) ?? 0),
  };
}

say(`dispatching ${connections} connections in a process of its own\n`);
const dispatch = await measureSandbox(connections);
say('a virtual day ');
const day = await simulateDay(
  { connections, hours: Number(values.hours), seed: Number(values.seed) },
  (minute, of) => {
    if (minute % Math.ceil(of / 24) === 0) say('.');
  },
);
say('\n');
const alone = day.messages.filter(({ group }) => group === QUIET_HOST);
const wait = waits(day.messages, { fair: true });
const quiet = {
  alone: waits(alone, { fair: true, only: QUIET_HOST }),
  beside: waits(day.messages, { fair: true, only: QUIET_HOST }),
  besideUnfair: waits(day.messages, { fair: false, only: QUIET_HOST }),
};
const result = {
  connections,
  polls: day.polls,
  pollsPerConnectionDay: rounded(day.polls / connections / (Number(values.hours) / 24)),
  messages: day.messages.length,
  noisyShareOfPolls: rounded(day.noisyShare),
  waitSeconds: wait,
  waitSecondsFirstComeFirstServed: waits(day.messages, { fair: false }),
  quietWaitSeconds: quiet,
  quietRatio: {
    // Not the median: half of all wait for less than a second, where a ratio says nothing.
    mean: ratio(quiet.beside.mean, quiet.alone.mean),
    p99: ratio(quiet.beside.p99, quiet.alone.p99),
  },
  dispatch: { ms: Math.round(dispatch.ms), mb: Math.round(dispatch.mb) },
};

if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  console.log(`${connections} connections, ${result.polls} polls in ${result.messages} messages; one tenant makes ${Math.round(100 * day.noisyShare)} % of them.
Assumed: providers answer in ${ASSUMPTIONS.providerMedianMs} ms (lognormal, sigma ${ASSUMPTIONS.providerSigma}), one in a thousand not within 20 s.`);
  console.table({
    'all, tenants in turn': wait,
    'all, first come first served': result.waitSecondsFirstComeFirstServed,
    'quiet tenant alone': quiet.alone,
    'quiet tenant beside the busy one': quiet.beside,
    'the same, first come first served': quiet.besideUnfair,
  });
  console.log(
    `One dispatch: ${result.dispatch.ms} ms and ${result.dispatch.mb} MB, the process and its libraries included.`,
  );
}

const passed: [what: string, is: number, limit: number][] = [
  ['wait of a due poll (p99, s)', wait.p99, LIMITS.waitP99Seconds],
  ['wait of the quiet tenant against alone (mean)', result.quietRatio.mean, LIMITS.quietRatio],
  ['wait of the quiet tenant against alone (p99)', result.quietRatio.p99, LIMITS.quietRatio],
  ['one dispatch (ms)', dispatch.ms, LIMITS.dispatchMs],
  ['one dispatch (MB)', dispatch.mb, LIMITS.dispatchMb],
];
for (const [what, is, limit] of passed) {
  if (is <= limit) continue;
  say(`${what}: ${rounded(is)} is more than ${limit}\n`);
  process.exitCode = 1;
}
