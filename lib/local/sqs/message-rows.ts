import type { DatabaseSync } from 'node:sqlite';

/** A message as it is stored. Times are in milliseconds since the epoch. */
export interface MessageRow {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
  /** The message attributes as JSON, in SQS's own shape. */
  readonly attributes: string;
  readonly groupId: string | null;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number | null;
  readonly deadLetterSource: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sqs_messages (
    seq INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    groupId TEXT,
    sentAt INTEGER NOT NULL,
    visibleAt INTEGER NOT NULL,
    receiveCount INTEGER NOT NULL DEFAULT 0,
    firstReceivedAt INTEGER,
    deadLetterSource TEXT
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS sqs_messages_by_id ON sqs_messages (queue, id);
  CREATE INDEX IF NOT EXISTS sqs_messages_by_visibility ON sqs_messages (queue, visibleAt);
  CREATE INDEX IF NOT EXISTS sqs_messages_by_age ON sqs_messages (queue, sentAt);
`;

/** The messages of all queues in one SQLite table, and every statement that touches it. */
export function openMessageRows(db: DatabaseSync) {
  db.exec(SCHEMA);
  return {
    insert: db.prepare(`
      INSERT INTO sqs_messages (queue, id, body, attributes, groupId, sentAt, visibleAt)
      VALUES (:queue, :id, :body, :attributes, :groupId, :sentAt, :visibleAt)`),
    selectDue: db.prepare(`
      SELECT * FROM sqs_messages WHERE queue = ? AND visibleAt <= ?
      ORDER BY visibleAt, seq LIMIT ?`),
    markReceived: db.prepare(`
      UPDATE sqs_messages
      SET visibleAt = ?, firstReceivedAt = ?, receiveCount = receiveCount + 1 WHERE seq = ?`),
    move: db.prepare(`
      UPDATE sqs_messages SET queue = ?, deadLetterSource = ?, firstReceivedAt = NULL
      WHERE queue = ? AND visibleAt <= ? AND receiveCount >= ?`),
    selectReceived: db.prepare(
      'SELECT visibleAt FROM sqs_messages WHERE queue = ? AND id = ? AND receiveCount = ?',
    ),
    deleteReceived: db.prepare(
      'DELETE FROM sqs_messages WHERE queue = ? AND id = ? AND receiveCount = ?',
    ),
    setVisible: db.prepare('UPDATE sqs_messages SET visibleAt = ? WHERE queue = ? AND id = ?'),
    release: db.prepare(`
      UPDATE sqs_messages SET visibleAt = :now
      WHERE queue = :queue AND visibleAt > :now AND receiveCount > 0`),
    nextVisible: db.prepare('SELECT min(visibleAt) AS visibleAt FROM sqs_messages WHERE queue = ?'),
    count: db.prepare(`
      SELECT count(*) FILTER (WHERE visibleAt <= :now) AS visible,
             count(*) FILTER (WHERE visibleAt BETWEEN :now + 1 AND :until AND receiveCount = 0) AS delayed,
             count(*) FILTER (WHERE visibleAt > :now AND receiveCount > 0) AS inFlight
      FROM sqs_messages WHERE queue = :queue`),
    deleteOlder: db.prepare('DELETE FROM sqs_messages WHERE queue = ? AND sentAt <= ?'),
    purge: db.prepare('DELETE FROM sqs_messages WHERE queue = ?'),
  };
}
