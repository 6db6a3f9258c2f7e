import type { Finding } from './finding.ts';

/**
 * Promises that today's engine is known to break, by the invariant, and how. They are counted apart.
 * Whoever mends one takes it off the list, and from then on it may never happen again.
 */
export const KNOWN_GAPS: Readonly<Record<string, string>> = {};

export const isKnown = ({ invariant }: Finding): boolean => Object.hasOwn(KNOWN_GAPS, invariant);
