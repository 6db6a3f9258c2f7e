import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Item } from './attribute-value.ts';
import type { RowKey } from './table.ts';

/** A place between rows that share a partition key. */
export type Bound = Pick<RowKey, 'range' | 'tie'>;

/** Both bounds are exclusive. */
export interface Range {
  readonly hash: Buffer;
  readonly after: Bound;
  readonly before: Bound;
}

/** Sorts after every encoded key: 0xFF occurs neither in UTF-8 nor at the start of a tie. */
export const LAST = Buffer.from([0xff]);
/** Sorts before every encoded key. */
export const FIRST = Buffer.alloc(0);

/** The rows of all tables and indexes, in one SQLite table, in the order DynamoDB returns them. */
export class RowStore {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#statements = prepare(db);
  }

  get(collection: number, { hash, range, tie }: RowKey): Item | undefined {
    const row = this.#statements.get.get(collection, hash, range, tie);
    return row && itemOf(row);
  }

  put(
    collection: number,
    { hash, range, tie }: RowKey,
    item: Item,
    expiresAt: number | null = null,
  ): void {
    this.#statements.put.run(collection, hash, range, tie, JSON.stringify(item), expiresAt);
  }

  remove(collection: number, { hash, range, tie }: RowKey): void {
    this.#statements.remove.run(collection, hash, range, tie);
  }

  /** The items of one partition between two bounds, read as they are taken. */
  query(collection: number, range: Range, forward: boolean): IterableIterator<Item> {
    const { hash, after, before } = range;
    return this.#statements[forward ? 'queryForward' : 'queryBackward']
      .iterate(collection, hash, after.range, after.tie, before.range, before.tie)
      .map(itemOf);
  }

  /** All items after a row, read as they are taken. */
  scan(collection: number, after?: RowKey): IterableIterator<Item> {
    const { hash, range, tie } = after ?? { hash: FIRST, range: FIRST, tie: FIRST };
    return this.#statements.scan.iterate(collection, hash, range, tie).map(itemOf);
  }

  count(collection: number): number {
    return Number(this.#statements.count.get(collection)?.count);
  }

  /** The items whose time to live, in epoch seconds, ended between two instants. */
  expired(collection: number, since: number, until: number): Item[] {
    return this.#statements.expired.all(collection, since, until).map(itemOf);
  }

  removeAll(collection: number): void {
    this.#statements.removeAll.run(collection);
  }
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dynamodb_row (
    collection INTEGER NOT NULL,
    hash_key BLOB NOT NULL,
    range_key BLOB NOT NULL,
    tie BLOB NOT NULL,
    item TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (collection, hash_key, range_key, tie)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS dynamodb_row_expiry
    ON dynamodb_row (collection, expires_at) WHERE expires_at IS NOT NULL;
`;

function prepare(db: DatabaseSync) {
  const row = 'collection = ? AND hash_key = ? AND range_key = ? AND tie = ?';
  const between = `
    SELECT item FROM dynamodb_row
    WHERE collection = ? AND hash_key = ? AND (range_key, tie) > (?, ?) AND (range_key, tie) < (?, ?)`;
  return {
    get: db.prepare(`SELECT item FROM dynamodb_row WHERE ${row}`),
    put: db.prepare('INSERT OR REPLACE INTO dynamodb_row VALUES (?, ?, ?, ?, ?, ?)'),
    remove: db.prepare(`DELETE FROM dynamodb_row WHERE ${row}`),
    queryForward: db.prepare(`${between} ORDER BY range_key, tie`),
    queryBackward: db.prepare(`${between} ORDER BY range_key DESC, tie DESC`),
    scan: db.prepare(
      `SELECT item FROM dynamodb_row
       WHERE collection = ? AND (hash_key, range_key, tie) > (?, ?, ?)
       ORDER BY hash_key, range_key, tie`,
    ),
    count: db.prepare('SELECT count(*) AS count FROM dynamodb_row WHERE collection = ?'),
    expired: db.prepare(
      'SELECT item FROM dynamodb_row WHERE collection = ? AND expires_at > ? AND expires_at <= ?',
    ),
    removeAll: db.prepare('DELETE FROM dynamodb_row WHERE collection = ?'),
  };
}

// Only `put` writes this column, so what is read back is an Item.
const itemOf = (row: Record<string, SQLOutputValue>): Item => JSON.parse(String(row.item)) as Item;
