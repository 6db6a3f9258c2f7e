import type { CallStore } from '../calls/call-store.ts';
import type { StoredCall } from '../calls/version.ts';

/** The same store, which remembers the last version of each call that was read or written through it. */
export function notingVersions(store: CallStore): {
  store: CallStore;
  seen: ReadonlyMap<string, StoredCall>;
} {
  const seen = new Map<string, StoredCall>();
  // Without its raw record, which is most of it.
  const note = (stored: StoredCall) => seen.set(stored.call.id, { ...stored, raw: null });
  return {
    seen,
    store: {
      ...store,
      get: async (connection, ids, options) => {
        const found = await store.get(connection, ids, options);
        for (const stored of found.values()) note(stored);
        return found;
      },
      write: async (next) => {
        const written = await store.write(next);
        if (written) note(next);
        return written;
      },
    },
  };
}
