/**
 * What Callwire costs on AWS: a million calls, and a million polls at 10,000 connections.
 *
 * Production code runs on the embedded services, which count what AWS would bill; prices are in `cost/prices.ts`, what
 * cannot be counted here in `cost/assumptions.ts`. Ends with status 1 when a limit is passed.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { barsSvg } from './bars.ts';
import { ASSUMPTIONS } from './cost/assumptions.ts';
import { type Batches, billCalls } from './cost/bill-calls.ts';
import { billPolls } from './cost/bill-polls.ts';
import { measureCalls } from './cost/measure-calls.ts';
import { measureDispatch } from './cost/measure-dispatch.ts';
import { type Line, PRICES, totalOf, usdOf } from './cost/prices.ts';

const HELP = `npm run bench:cost -- [options]

  --calls <n>         calls to count over, twice (default 1000)
  --connections <n>   connections of the polls (default 10000)
  --polls-per-day <n> polls of a connection in a day (default: what the schedule makes of the minutes dispatched)
  --tell-both         both destinations are told of everything, not only the CRM
  --seed <n>          of the traffic (default 1)
  --json              one line of JSON
  --svg <file>        a picture of the lines
`;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '10000' },
    'polls-per-day': { type: 'string' },
    'tell-both': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}

const MAX_CALLS_USD = 13;
const MAX_POLLS_USD = 0.6;

const rounded = (value: number, digits = 4): number => Number(value.toFixed(digits));
const say = (text: string) => process.stderr.write(text);

const calls = Number(values.calls);
const measure = (batches: Batches) => {
  say(`\ncounting what ${calls} calls take, batches: ${batches} `);
  return measureCalls(
    { calls, seed: Number(values.seed), tellBoth: values['tell-both'], batches },
    (done, total) => {
      if (done % Math.ceil(total / 20) === 0) say('.');
    },
  );
};
const alone = await measure('one');
const one = billCalls(alone, alone.stack.template, 'one');
await alone.close();
const measured = await measure('full');
const { stack, functions, clock, emptyPoll, sums } = measured;
say(`\ndispatching ${values.connections} connections\n`);
const dispatch = await measureDispatch(stack, functions, clock, Number(values.connections));

const pollsPerConnectionDay =
  values['polls-per-day'] === undefined
    ? rounded((dispatch.polls * 24 * 60) / dispatch.connections, 1)
    : Number(values['polls-per-day']);

const full = billCalls(measured, stack.template, 'full');
const polls = billPolls(
  { readUnits: emptyPoll.meanReadUnits, cpuMs: measured.emptyPollCpuMs },
  dispatch,
  stack.template,
  { pollsPerConnectionDay },
);
await measured.close();

const result = {
  perMillionCallsUsd: rounded(totalOf(full), 2),
  /** In the figure above; a backup is no part of what was asked for, so it is told apart as well. */
  pointInTimeRecoveryUsd: rounded(
    full
      .filter(({ price }) => price === 'dynamoRecovery')
      .reduce((sum, line) => sum + usdOf(line), 0),
    2,
  ),
  perMillionCallsBatchesOfOneUsd: rounded(totalOf(one), 2),
  lines: asRecord(full),
  perMillionPollsUsd: rounded(totalOf(polls), 3),
  pollLines: asRecord(polls),
  emptyPoll: { ...emptyPoll, meanReadUnits: rounded(emptyPoll.meanReadUnits, 2) },
  counted: {
    calls,
    versionsPerCall: rounded((sums['publish records'] ?? 0) / calls, 2),
    eventsPerCall: rounded((sums['eventbridge events'] ?? 0) / calls, 2),
    deliveriesPerCall: rounded(
      ((sums['deliver slack messages'] ?? 0) + (sums['deliver hubspot messages'] ?? 0)) / calls,
      2,
    ),
    dispatch: Object.fromEntries(
      Object.entries(dispatch).map(([name, value]) => [name, rounded(value, 1)]),
    ),
    pollsPerConnectionDay,
  },
};

if (values.svg !== undefined) writeFileSync(values.svg, picture(full));
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else print();

if (result.perMillionCallsUsd > MAX_CALLS_USD) fail('a million calls', MAX_CALLS_USD);
if (result.perMillionPollsUsd > MAX_POLLS_USD) fail('a million polls', MAX_POLLS_USD);
if (emptyPoll.writeUnits > 0 || emptyPoll.readUnits > 1) fail('an empty poll', 0);

function fail(what: string, limit: number): void {
  say(`${what} cost more than the limit${limit > 0 ? ` of $${limit}` : ''}\n`);
  process.exitCode = 1;
}

function asRecord(lines: readonly Line[]): Record<string, number> {
  return Object.fromEntries(lines.map((line) => [line.name, rounded(usdOf(line))]));
}

function table(lines: readonly Line[], others?: readonly Line[]): void {
  const total = totalOf(lines);
  for (const line of lines.toSorted((a, b) => usdOf(b) - usdOf(a))) {
    const other = others?.find(({ name }) => name === line.name);
    const share = `${((100 * usdOf(line)) / total).toFixed(1)} %`;
    console.log(
      `  ${line.name.padEnd(58)}${usdOf(line).toFixed(3).padStart(8)}${share.padStart(8)}${
        other ? usdOf(other).toFixed(3).padStart(10) : ''
      }`,
    );
  }
  const others_ = others ? totalOf(others).toFixed(2).padStart(18) : '';
  console.log(`  ${'together'.padEnd(58)}${total.toFixed(2).padStart(8)}${others_}\n`);
}

function print(): void {
  const { counted } = result;
  console.log(`A million calls, without their polls: $${result.perMillionCallsUsd} with full batches, as in a busy system;
$${result.perMillionCallsBatchesOfOneUsd} with batches of one, as in a quiet one (a million calls a month: a call every 2.6 s).
Counted over ${calls} calls: ${counted.versionsPerCall} versions, ${counted.eventsPerCall} events and ${counted.deliveriesPerCall} deliveries each.

  ${'US dollars'.padEnd(58)}${'full'.padStart(8)}${'share'.padStart(8)}${'of one'.padStart(10)}`);
  table(full, one);
  console.log(
    `A million polls at ${dispatch.connections} connections, ${pollsPerConnectionDay} a day each, dispatch included: $${result.perMillionPollsUsd}`,
  );
  table(polls);
  console.log(`An empty poll: ${result.emptyPoll.meanReadUnits} read units (${emptyPoll.readUnits} at most), ${emptyPoll.writeUnits} write units.
A dispatch: ${counted.dispatch.readUnits} read units, ${counted.dispatch.cpuMs} ms of processor time here, ${counted.dispatch.pollsPerMessage} polls a message.
`);
  console.log('Assumed, because it cannot be counted here:');
  for (const [name, value] of Object.entries(ASSUMPTIONS)) console.log(`  ${name}: ${value}`);
  console.log('\nPrices:');
  for (const { usd, per, source } of Object.values(PRICES)) {
    console.log(`  $${Number(usd.toPrecision(6))} per ${per} (${source})`);
  }
}

function picture(lines: readonly Line[]): string {
  const sorted = lines
    .filter((line) => usdOf(line) >= 0.01)
    .toSorted((a, b) => usdOf(b) - usdOf(a));
  return barsSvg(
    `US dollars for a million calls: ${result.perMillionCallsUsd}`,
    sorted.map((line) => ({
      name: line.name,
      value: usdOf(line),
      label: usdOf(line).toFixed(2),
    })),
  );
}
