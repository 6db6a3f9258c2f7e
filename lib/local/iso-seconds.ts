/** An instant as most of AWS's events write it: in ISO 8601 without a fraction of a second. */
export function isoSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, 'Z');
}
