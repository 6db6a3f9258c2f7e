import type { Clock } from './time.ts';

/** Gives what is remembered, or with `fresh` what is there now. */
export type Cached<T> = (options?: { readonly fresh: boolean }) => Promise<T>;

/**
 * Remembers what was loaded for `ttlMs`. Callers at the same time share one load; a failed one is
 * not remembered, so the next caller tries again.
 */
export function cached<T>(load: () => Promise<T>, ttlMs: number, now: Clock): Cached<T> {
  let value: Promise<T> | undefined;
  let until = 0;
  return ({ fresh } = { fresh: false }) => {
    if (value && !fresh && now().getTime() < until) return value;
    until = now().getTime() + ttlMs;
    const loading = load();
    value = loading;
    loading.catch(() => {
      if (value === loading) value = undefined;
    });
    return loading;
  };
}

/** Keys that are remembered at once; one more, and all are forgotten. */
const MAX_KEYS = 1_000;

/** The same for many keys, each with a time of its own. What there is not is remembered as well. */
export function cachedByKey<T>(
  load: (key: string) => Promise<T>,
  ttlMs: number,
  now: Clock,
): (key: string) => Promise<T> {
  const known = new Map<string, Cached<T>>();
  return (key) => {
    const read = known.get(key) ?? cached(() => load(key), ttlMs, now);
    if (!known.has(key) && known.size >= MAX_KEYS) known.clear();
    known.set(key, read);
    return read();
  };
}
