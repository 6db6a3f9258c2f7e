import { fingerprint } from '../hash.ts';

/**
 * What the list last showed of each recent call, as fingerprints: a row that looks the same needs
 * neither a read nor a write. Forgetting an entry costs one read; there is no other harm.
 */
export interface Recents {
  /** True when the row is the one that was last recorded. */
  has(id: string, print: string): boolean;
  set(id: string, print: string): void;
  /** What is about to be recorded is not known until it was: its write may fail after it was made. */
  forget(id: string): void;
  /** True when one more entry would make the oldest be forgotten. */
  readonly isFull: boolean;
  readonly changed: boolean;
  /**
   * At most 4 KB.
   *
   * @param forgetUnseen leaves out what was neither asked for nor set: right after a walk over all that
   *   any walk looks at, because what is written is paid for by its size
   */
  encode(options: { readonly forgetUnseen: boolean }): string;
}

/** 250 entries of 16 characters stay within one read unit. */
const MAX_ENTRIES = 250;
const ENTRY = 16;

export function decodeRecents(encoded: string): Recents {
  const kept = new Map<string, string>();
  for (let at = 0; at + ENTRY <= encoded.length; at += ENTRY) {
    kept.set(encoded.slice(at, at + 8), encoded.slice(at + 8, at + ENTRY));
  }
  const fresh = new Map<string, string>();
  const seen = new Set<string>();
  let forgot = false;
  const get = (key: string) => fresh.get(key) ?? kept.get(key);
  return {
    has: (id, print) => {
      const key = fingerprint(id);
      seen.add(key);
      return get(key) === print;
    },
    set: (id, print) => {
      const key = fingerprint(id);
      if (get(key) === print) return;
      kept.delete(key);
      fresh.set(key, print);
    },
    forget: (id) => {
      const key = fingerprint(id);
      if (kept.delete(key) || fresh.delete(key)) forgot = true;
    },
    get isFull() {
      return fresh.size + kept.size >= MAX_ENTRIES;
    },
    get changed() {
      return fresh.size > 0 || forgot;
    },
    // What was set last stays longest.
    encode: ({ forgetUnseen }) =>
      [...fresh, ...[...kept].filter(([key]) => !forgetUnseen || seen.has(key))]
        .slice(0, MAX_ENTRIES)
        .flat()
        .join(''),
  };
}
