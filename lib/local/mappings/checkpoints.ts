import type { DatabaseSync } from 'node:sqlite';

/** How far each stream mapping has come in each shard. Kept in the file with the stream itself. */
export interface Checkpoints {
  /** 0, the beginning, for a mapping that has not been anywhere yet. */
  read(mapping: string, shard: number): number;
  write(mapping: string, shard: number, position: number): void;
}

/** Opens the `checkpoints` table. */
export function openCheckpoints(db: DatabaseSync): Checkpoints {
  db.exec(`CREATE TABLE IF NOT EXISTS checkpoints (
    mapping TEXT NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (mapping, shard)
  ) WITHOUT ROWID`);
  const select = db.prepare('SELECT position FROM checkpoints WHERE mapping = ? AND shard = ?');
  const upsert = db.prepare(
    `INSERT INTO checkpoints (mapping, shard, position) VALUES (?, ?, ?)
     ON CONFLICT (mapping, shard) DO UPDATE SET position = excluded.position`,
  );

  return {
    read: (mapping, shard) => Number(select.get(mapping, shard)?.position ?? 0),
    write: (mapping, shard, position) => {
      upsert.run(mapping, shard, position);
    },
  };
}
