import type { Report } from './report.ts';

/** How a command talks: progress on stderr, and one result on stdout. */
export interface OutputOptions {
  readonly json: boolean;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

const sweepLines = ({ sweeps }: Report): string[] =>
  sweeps.sweeps === 0
    ? []
    : [
        `Sweeps: ${sweeps.sweeps}, which read ${sweeps.listed} calls and found ${sweeps.missedFinal} outcomes and ${sweeps.missedChange} changes that polls had missed.`,
      ];

const webhookLines = ({ webhooks }: Report): string[] =>
  webhooks.received === 0
    ? []
    : [
        `Webhooks: ${webhooks.received}, of which ${webhooks.carried} carried their call, ${webhooks.hints} were hints, ${webhooks.forged} forged and ${webhooks.unattributed} could not be made out.`,
        `  The end of ${webhooks.firstByWebhook} calls was first seen by them, and of ${webhooks.firstByHint} by polls they asked for.`,
      ];

/** What lies in the tables, also what other runs have left there. */
const storedLines = ({ calls, final, silent, quarantined, deliveries }: Report): string[] => [
  `Calls: ${calls}, of which ${final - silent} ended and were announced, ${silent} were over before and are`,
  `  only kept, ${calls - final} are still going on. Malformed records set aside: ${quarantined}.`,
  ...Object.entries(deliveries).map(
    ([kind, counts]) => `Deliveries to ${kind}: ${inWords({ ...counts })}.`,
  ),
];

function latencyLines({ latencyMs, heldMs }: Report): string[] {
  if (!latencyMs) return [];
  const held =
    heldMs && heldMs.p99 > 0 ? `,\n  deliberate waits (p99 ${heldMs.p99} ms) not counted` : '';
  return [
    `From the provider’s answer to the destination: p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms${held}.`,
  ];
}

function verdictLines(report: Report): string[] {
  const { lost, duplicates, quarantinedWrongly, malformedMissed, traces } = report;
  if (lost === null || duplicates === null) return [];
  return [
    'Compared with what the simulated providers know to be true:',
    `  calls: ${lost} lost, ${duplicates} said twice;`,
    `  records: ${quarantinedWrongly} set aside wrongly, ${malformedMissed} malformed but not set aside.`,
    ...(traces
      ? [`  traces: ${traces.checked} calls traced, ${traces.disagreeing} otherwise than it was.`]
      : []),
  ];
}

const troubleLines = ({ failing, deadLetters, drained }: Report): string[] => [
  ...(failing.length > 0 ? [`Failing now: ${failing.join(', ')}.`] : []),
  ...(deadLetters === 0
    ? []
    : [`${deadLetters} messages crashed whoever read them: that is a fault of Callwire.`]),
  ...(drained ? [] : ['Something was still under way when the time was up.']),
];

/**
 * A report for people.
 *
 * @param kept the folder in which calls and deliveries lie, those of earlier runs as well; undefined: there were none
 */
export const reportLines = (report: Report, kept?: string): string[] => [
  `In ${Math.round(report.seconds)} s, starting and ending included: ${plural(report.polls, 'poll')}, ${plural(report.requests, 'list request')}, ${plural(report.detailRequests, 'detail request')}.`,
  ...sweepLines(report),
  ...webhookLines(report),
  `Events: ${inWords(report.events)}.`,
  ...latencyLines(report),
  ...(kept === undefined ? [] : [`In ${kept}, with what earlier runs left there:`]),
  ...storedLines(report),
  ...verdictLines(report),
  ...troubleLines(report),
];

/** Prints a report: one JSON line, or a few sentences. */
export function printReport(report: Report, { json }: OutputOptions, kept?: string): void {
  console.log(json ? JSON.stringify(report) : `\n${reportLines(report, kept).join('\n')}`);
}
