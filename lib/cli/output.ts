import type { Report } from './report.ts';

/** How a command talks: progress on stderr, and one result on stdout. */
export interface OutputOptions {
  readonly json: boolean;
}

const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

/** A report for people. */
export function reportLines(report: Report): string[] {
  const { lost, duplicates, malformedMissed, quarantinedWrongly, latencyMs, heldMs } = report;
  return [
    `In ${Math.round(report.seconds)} s: ${report.polls} polls, ${report.requests} list requests, ${report.detailRequests} detail requests.`,
    `Calls: ${report.calls} records, ${report.final} final, ${report.silent} of them silent (over before the first poll), ${report.quarantined} records quarantined.`,
    `Events: ${inWords(report.events)}.`,
    ...Object.entries(report.deliveries).map(
      ([kind, counts]) => `Deliveries to ${kind}: ${inWords({ ...counts })}.`,
    ),
    ...(latencyMs
      ? [
          `From the provider’s answer to the destination: p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms${heldMs && heldMs.p99 > 0 ? `, deliberate waits (p99 ${heldMs.p99} ms) not counted` : ''}.`,
        ]
      : []),
    ...(lost === null || duplicates === null
      ? []
      : [
          `Compared with what the simulated providers know to be true: ${lost} lost, ${duplicates} said twice, ${quarantinedWrongly} quarantined wrongly, ${malformedMissed} malformed ones not quarantined.`,
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
