import { fingerprint } from '../hash.ts';

/**
 * What the list last showed of each recent call, as fingerprints: a row that looks the same needs
 * neither a read nor a write. Forgetting an entry costs one read; there is no other harm.
 */
export interface Recents {
  /** True when the row is the one that was last recorded. */
  has(id: string, print: string): boolean;
  set(id: string, print: string): void;
  /** True when one more entry would make the oldest be forgotten. */
  readonly isFull: boolean;
  readonly changed: boolean;
  /** At most 4 KB. */
  encode(): string;
}

/** 250 entries of 16 characters stay within one read unit. */
const MAX_ENTRIES = 250;
const ENTRY = 16;

export function decodeRecents(encoded: string): Recents {
  const prints = new Map<string, string>();
  for (let at = 0; at + ENTRY <= encoded.length; at += ENTRY) {
    prints.set(encoded.slice(at, at + 8), encoded.slice(at + 8, at + ENTRY));
  }
  let changed = false;
  return {
    has: (id, print) => prints.get(fingerprint(id)) === print,
    set: (id, print) => {
      const key = fingerprint(id);
      if (prints.get(key) === print) return;
      changed = true;
      // To the end: the oldest entries are forgotten first.
      prints.delete(key);
      prints.set(key, print);
    },
    get isFull() {
      return prints.size >= MAX_ENTRIES;
    },
    get changed() {
      return changed;
    },
    encode: () => [...prints].slice(-MAX_ENTRIES).flat().join(''),
  };
}
