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

/** A report for people. */
export function reportLines(report: Report): string[] {
  const { lost, duplicates, malformedMissed, quarantinedWrongly, latencyMs, heldMs, traces } =
    report;
  return [
    `In ${Math.round(report.seconds)} s, starting and ending included: ${plural(report.polls, 'poll')}, ${plural(report.requests, 'list request')}, ${plural(report.detailRequests, 'detail request')}.`,
    `Calls: ${report.calls}, of which ${report.final - report.silent} ended and were announced, ${report.silent} were over before and are`,
    `  only kept, ${report.calls - report.final} are still going on. Malformed records set aside: ${report.quarantined}.`,
    ...(report.sweeps.sweeps > 0
      ? [
          `Sweeps: ${report.sweeps.sweeps}, which read ${report.sweeps.listed} calls and found ${report.sweeps.missedFinal} outcomes and ${report.sweeps.missedChange} changes that polls had missed.`,
        ]
      : []),
    ...(report.webhooks.received > 0
      ? [
          `Webhooks: ${report.webhooks.received}, of which ${report.webhooks.carried} carried their call, ${report.webhooks.hints} were hints, ${report.webhooks.forged} forged and ${report.webhooks.unattributed} could not be made out.`,
          `  The end of ${report.webhooks.firstByWebhook} calls was first seen by them, and of ${report.webhooks.firstByHint} by polls they asked for.`,
        ]
      : []),
    `Events: ${inWords(report.events)}.`,
    ...Object.entries(report.deliveries).map(
      ([kind, counts]) => `Deliveries to ${kind}: ${inWords({ ...counts })}.`,
    ),
    ...(latencyMs
      ? [
          `From the provider’s answer to the destination: p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms${heldMs && heldMs.p99 > 0 ? `,\n  deliberate waits (p99 ${heldMs.p99} ms) not counted` : ''}.`,
        ]
      : []),
    ...(lost === null || duplicates === null
      ? []
      : [
          'Compared with what the simulated providers know to be true:',
          `  calls: ${lost} lost, ${duplicates} said twice;`,
          `  records: ${quarantinedWrongly} set aside wrongly, ${malformedMissed} malformed but not set aside.`,
          ...(traces
            ? [
                `  traces: ${traces.checked} calls traced, ${traces.disagreeing} otherwise than it was.`,
              ]
            : []),
        ]),
    ...(report.failing.length > 0 ? [`Failing now: ${report.failing.join(', ')}.`] : []),
    ...(report.deadLetters === 0
      ? []
      : [`${report.deadLetters} messages crashed whoever read them: that is a fault of Callwire.`]),
    ...(report.drained ? [] : ['Something was still under way when the time was up.']),
  ];
}

/** Prints a report: one JSON line, or a few sentences. */
export function printReport(report: Report, { json }: OutputOptions): void {
  console.log(json ? JSON.stringify(report) : `\n${reportLines(report).join('\n')}`);
}
