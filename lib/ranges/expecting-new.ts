import type { CallStore } from '../calls/call-store.ts';

/** Whether the rows that come next are likely to be new, as far as those before them tell. */
export interface Expectation {
  isNew: boolean;
}

/** Calls of one look-up that may be known before the next is made again. */
const MAX_KNOWN_SHARE = 0.1;

/**
 * The same store, which is not asked for many calls at once while they are expected to be new: writing a
 * first version says as well whether there was one, and then the one call is read. So a backfill of what
 * nobody has seen reads nothing, and one of what is known reads it first, as ever.
 */
export function expectingNew(store: CallStore, expectation: Expectation): CallStore {
  let written = 0;
  let refused = 0;
  return {
    ...store,
    get: async (connection, ids, options) => {
      if (ids.length < 2) return store.get(connection, ids, options);
      if (refused > MAX_KNOWN_SHARE * written) expectation.isNew = false;
      [written, refused] = [0, 0];
      if (expectation.isNew) return new Map();
      const known = await store.get(connection, ids, options);
      expectation.isNew = known.size <= MAX_KNOWN_SHARE * ids.length;
      return known;
    },
    write: async (next) => {
      const isWritten = await store.write(next);
      if (next.version === 1) {
        written += 1;
        if (!isWritten) refused += 1;
      }
      return isWritten;
    },
  };
}
