import { MINUTE_MS } from '../time.ts';

/** A contact that was just created or found is not searched for again for this long. */
const REMEMBER_MS = 10 * MINUTE_MS;
const REMEMBER_AT_MOST = 5_000;

/** Who has which number, for a while: search is slow to find what is new, and its quota is shared with others. */
export interface KnownContacts {
  find(key: string): string | undefined;
  remember(key: string, contact: string): void;
  /** @returns whether it was known */
  forget(key: string): boolean;
}

export function knownContacts(): KnownContacts {
  const known = new Map<string, { readonly contact: string; readonly until: number }>();
  return {
    find(key) {
      const entry = known.get(key);
      return entry !== undefined && entry.until > Date.now() ? entry.contact : undefined;
    },
    remember(key, contact) {
      known.delete(key);
      known.set(key, { contact, until: Date.now() + REMEMBER_MS });
      const [oldest] = known.keys();
      if (known.size > REMEMBER_AT_MOST && oldest !== undefined) known.delete(oldest);
    },
    forget: (key) => known.delete(key),
  };
}
