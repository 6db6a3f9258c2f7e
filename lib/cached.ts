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
