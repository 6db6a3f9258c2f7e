import type { NoticeEvent } from '../events/notice.ts';
import type { StoredCall } from './version.ts';

/** Keeps one record per call. What is written to it is what is announced: its stream is the outbox. */
export interface CallStore {
  /**
   * The stored calls among these ids of one connection, by id. `fresh` reads what was last written for
   * certain; else a moment's staleness is allowed, for half the price: a write shows it.
   */
  get(
    connection: string,
    ids: readonly string[],
    options?: { readonly fresh: boolean },
  ): Promise<ReadonlyMap<string, StoredCall>>;
  /**
   * Writes a version if the stored one is the one that it was derived from (`version - 1`; none for
   * version 1). False: somebody else wrote meanwhile.
   */
  write(next: StoredCall): Promise<boolean>;
  /** Writes a notice if it is not there yet. False: it has been announced before. */
  notify(event: NoticeEvent): Promise<boolean>;
}
