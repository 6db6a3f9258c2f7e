import { FAULT_KINDS, type FaultKind } from './fault-kinds.ts';
import type { Finding } from './finding.ts';
import { isKnown } from './known-gaps.ts';
import type { SeedResult } from './simulate-seed.ts';

/** What many seeds come to. */
export interface Tally {
  readonly seeds: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly wrong: number;
  /** What is known to go wrong today. */
  readonly known: number;
  /** How many seeds each kind of fault took effect in. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** The least of any seed. */
  readonly least: Pick<SeedResult['figures'], 'virtualHours' | 'connections' | 'calls' | 'kills'>;
  /** Of all seeds together. */
  readonly total: Pick<SeedResult['figures'], 'calls' | 'kills' | 'polls' | 'events' | 'proven'>;
}

export function tallyOf(results: readonly SeedResult[]): Tally {
  const findings = results.flatMap((result) => result.findings);
  const fresh = findings.filter((finding) => !isKnown(finding));
  const count = (verdict: Finding['verdict']) =>
    fresh.filter((finding) => finding.verdict === verdict).length;
  const least = (figure: keyof SeedResult['figures']) =>
    Math.min(...results.map(({ figures }) => figures[figure]));
  const total = (figure: keyof SeedResult['figures']) =>
    results.reduce((sum, { figures }) => sum + figures[figure], 0);
  const hits = FAULT_KINDS.map((kind): [FaultKind, number] => [
    kind,
    results.filter(({ faults }) => faults.includes(kind)).length,
  ]);
  return {
    seeds: results.length,
    lost: count('lost'),
    duplicates: count('duplicates'),
    wrong: count('wrong'),
    known: findings.length - fresh.length,
    // Each kind is in FAULT_KINDS, once.
    faults: Object.fromEntries(hits) as Record<FaultKind, number>,
    least: {
      virtualHours: least('virtualHours'),
      connections: least('connections'),
      calls: least('calls'),
      kills: least('kills'),
    },
    total: {
      calls: total('calls'),
      kills: total('kills'),
      polls: total('polls'),
      events: total('events'),
      proven: total('proven'),
    },
  };
}
