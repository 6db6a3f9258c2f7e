import type { Random } from '../../lib/local/simulators/random.ts';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.ts';

/** What goes wrong in one seed. */
export interface Faults {
  /** True when a seed has this kind at all. */
  has(kind: FaultKind): boolean;
  /** Decides whether it happens now, with this chance. Never in a seed without it, never in the calm. */
  strikes(kind: FaultKind, chance: number): boolean;
  /** It took effect. */
  hit(kind: FaultKind): void;
  /** From now on nothing new goes wrong. */
  calm(): void;
  isCalm(): boolean;
  readonly hits: ReadonlySet<FaultKind>;
}

/**
 * Each seed has a part of the kinds only: with all of them at once every poll would fail in the same
 * few ways, and what needs two particular ones together would never be seen.
 */
export function createFaults(random: Random): Faults {
  const share = random.between(0.15, 0.6);
  const chosen = new Set(FAULT_KINDS.filter(() => random.next() < share));
  const hits = new Set<FaultKind>();
  let isCalm = false;
  return {
    has: (kind) => chosen.has(kind),
    strikes: (kind, chance) => !isCalm && chosen.has(kind) && random.next() < chance,
    hit: (kind) => hits.add(kind),
    calm: () => {
      isCalm = true;
    },
    isCalm: () => isCalm,
    hits,
  };
}
