import { atomically, openDatabase } from './database.ts';

/** What is not to be found in a data file any more. */
export interface Erased {
  /** Of a stream: the partition key of the item that changed. */
  readonly isKey: (key: string) => boolean;
  /** Of a queue: what a message says. */
  readonly isMessage: (body: string) => boolean;
}

/**
 * Erases from a data file what no service of the local system lets erase: records of streams, which hold
 * items as they were, and messages of queues. A system may be running on the file.
 *
 * @param rewrite writes the whole file anew, so that nothing is left where rows have been; nobody else
 *   may have it open
 * @returns how many rows there were
 */
export function eraseRows(
  dataFile: string,
  { isKey, isMessage }: Erased,
  { rewrite }: { rewrite: boolean },
): { readonly changes: number; readonly messages: number } {
  const db = openDatabase(dataFile);
  try {
    const has = (table: string) =>
      db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
    const erase = (table: string, id: string, text: string, isMeant: (text: string) => boolean) => {
      if (!has(table)) return 0;
      const remove = db.prepare(`DELETE FROM ${table} WHERE ${id} = ?`);
      const meant = db
        .prepare(`SELECT ${id} AS id, ${text} AS text FROM ${table}`)
        .all()
        .filter((row) => isMeant(String(row.text)));
      for (const row of meant) remove.run(Number(row.id));
      return meant.length;
    };
    db.exec('PRAGMA secure_delete = ON');
    const erased = atomically(db, () => ({
      changes: erase('dynamodb_change', 'position', "change ->> '$.Keys.pk.S'", isKey),
      messages: erase('sqs_messages', 'seq', 'body', isMessage),
    }));
    if (rewrite) db.exec('VACUUM');
    // What was written since lies in the log as well, until it is taken over.
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return erased;
  } finally {
    db.close();
  }
}
