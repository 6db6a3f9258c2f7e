const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const SECOND_MS = UNIT_MS.s;
export const MINUTE_MS = UNIT_MS.m;
export const HOUR_MS = UNIT_MS.h;
export const DAY_MS = UNIT_MS.d;

/** The time now; passed in everywhere, so that tests and simulations own it. */
export type Clock = () => Date;

const isUnit = (unit: string): unit is keyof typeof UNIT_MS => unit in UNIT_MS;

/** Milliseconds of `30s`, `1m`, `16m`, `7d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined || !isUnit(unit)) return undefined;
  return Number(amount) * UNIT_MS[unit];
}

/** The same instant as an ISO string in UTC with milliseconds; undefined if `text` is no date-time. */
export function isoInstant(text: string): string | undefined {
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

export const addMs = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);
