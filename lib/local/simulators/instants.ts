export function iso(moment: number): string;
export function iso(moment: number | null): string | null;
export function iso(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}

/** The instant once it has come; null before, and where it never comes. */
export function isoBy(at: number, moment: number | null): string | null {
  return moment !== null && moment <= at ? iso(moment) : null;
}
