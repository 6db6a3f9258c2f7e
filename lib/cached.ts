import type { Clock } from './time.ts';

/**
 * Remembers what was loaded for `ttlMs`. Callers at the same time share one load; a failed one is
 * not remembered, so the next caller tries again.
 */
export function cached<T>(load: () => Promise<T>, ttlMs: number, now: Clock): () => Promise<T> {
  let value: Promise<T> | undefined;
  let until = 0;
  return () => {
    if (value && now().getTime() < until) return value;
    until = now().getTime() + ttlMs;
    const loading = load();
    value = loading;
    loading.catch(() => {
      if (value === loading) value = undefined;
    });
    return loading;
  };
}
