import { hash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { StreamRecord } from '../services.ts';
import { type Item, itemSize } from './attribute-value.ts';
import { keyOf, rowKey, type Table } from './table.ts';

/** Two, so that consumers meet what one shard would hide: there is no order between keys. */
export const SHARDS = 2;

/** The committed changes of all tables that have a stream; a change is written in its item's transaction. */
export class ChangeStream {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #region: string;
  readonly #arn: (table: Table) => string;

  constructor(db: DatabaseSync, region: string, arn: (table: Table) => string) {
    db.exec(SCHEMA);
    this.#statements = prepare(db);
    this.#region = region;
    this.#arn = arn;
  }

  /** Appends one change. `after` undefined means the item is gone; `expired`, that its time to live ended it. */
  append(
    table: Table,
    change: { before: Item | undefined; after: Item | undefined; expired: boolean },
    now: number,
  ): void {
    const view = table.definition.streamView;
    const present = change.after ?? change.before;
    if (view === undefined || present === undefined) return;
    const record: StoredChange = {
      eventName: eventName(change.before, change.after),
      expired: change.expired,
      Keys: keyOf(table, present),
      ...(change.after && keepsNew(view) && { NewImage: change.after }),
      ...(change.before && keepsOld(view) && { OldImage: change.before }),
    };
    this.#statements.append.run(table.id, shardOf(table, present), now, JSON.stringify(record));
  }

  read(
    table: Table,
    shard: number,
    after: number,
    limit: number,
  ): { records: StreamRecord[]; position: number } {
    const rows = this.#statements.read.all(table.id, shard, after, limit);
    const last = rows.at(-1);
    return {
      records: rows.map((row) => this.#toRecord(table, row)),
      position: last ? Number(last.position) : after,
    };
  }

  /** Removes what was written before an instant in epoch milliseconds. */
  trim(before: number): void {
    this.#statements.trim.run(before);
  }

  #toRecord(table: Table, row: Record<string, SQLOutputValue>): StreamRecord {
    // Only `append` writes this column.
    const change = JSON.parse(String(row.change)) as StoredChange;
    const { eventName, expired, ...images } = change;
    const sequenceNumber = String(row.position).padStart(21, '0');
    const eventSourceARN = this.#arn(table);
    return {
      eventID: hash('sha256', `${eventSourceARN}/${sequenceNumber}`).slice(0, 32),
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#region,
      eventSourceARN,
      ...(expired && {
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
      }),
      dynamodb: {
        // Whole seconds, as Lambda gets them.
        ApproximateCreationDateTime: Math.floor(Number(row.created_at) / 1_000),
        ...images,
        SequenceNumber: sequenceNumber,
        SizeBytes: [images.Keys, images.NewImage ?? {}, images.OldImage ?? {}]
          .map(itemSize)
          .reduce((sum, size) => sum + size),
        StreamViewType: table.definition.streamView ?? '',
      },
    };
  }
}

interface StoredChange {
  readonly eventName: StreamRecord['eventName'];
  readonly expired: boolean;
  readonly Keys: Item;
  readonly NewImage?: Item;
  readonly OldImage?: Item;
}

// AUTOINCREMENT: a position is never used again, even after the newest records were trimmed.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dynamodb_change (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    change TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS dynamodb_change_order ON dynamodb_change (collection, shard, position);
`;

function prepare(db: DatabaseSync) {
  return {
    append: db.prepare(
      'INSERT INTO dynamodb_change (collection, shard, created_at, change) VALUES (?, ?, ?, ?)',
    ),
    read: db.prepare(
      `SELECT position, created_at, change FROM dynamodb_change
       WHERE collection = ? AND shard = ? AND position > ? ORDER BY position LIMIT ?`,
    ),
    trim: db.prepare('DELETE FROM dynamodb_change WHERE created_at < ?'),
  };
}

function eventName(before: Item | undefined, after: Item | undefined): StreamRecord['eventName'] {
  if (after === undefined) return 'REMOVE';
  return before === undefined ? 'INSERT' : 'MODIFY';
}

type StreamView = NonNullable<Table['definition']['streamView']>;
const keepsNew = (view: StreamView) => view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES';
const keepsOld = (view: StreamView) => view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES';

function shardOf(table: Table, item: Item): number {
  const digest = hash('sha256', rowKey(table, item).hash, 'buffer');
  return digest.readUInt32BE() % SHARDS;
}
