import { HOUR_MS } from '../../lib/time.ts';

/** When every seed begins. */
export const START = Date.parse('2026-11-20T00:00:00.000Z');

/** Until then things go wrong. */
export const CALM_FROM = START + 24 * HOUR_MS;

/** Until then calls begin. */
export const LAST_CALL_AT = START + 24.5 * HOUR_MS;

/** Then polling stops, and what is under way arrives. */
export const END = START + 26.5 * HOUR_MS;
