import type { DatabaseSync } from 'node:sqlite';
import type { TableDefinition } from '../services.ts';
import { tableNotFound } from './errors.ts';
import { expiryOf } from './item-writer.ts';
import type { RowStore } from './row-store.ts';
import {
  type Collection,
  indexRowKey,
  type KeyAttribute,
  projectToIndex,
  rowKey,
  type SecondaryIndex,
  type Table,
} from './table.ts';

type IndexDefinition = TableDefinition['indexes'][number];
type KeySchema = TableDefinition['keySchema'];

/** The tables that exist, and how their definitions are kept in step with the rows from run to run. */
export class Catalogue {
  readonly #tables = new Map<string, Table>();
  readonly #rows: RowStore;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync, rows: RowStore) {
    db.exec(SCHEMA);
    this.#rows = rows;
    this.#statements = prepare(db);
  }

  get names(): string[] {
    return [...this.#tables.keys()].sort();
  }

  /** Throws a ResourceNotFoundException for a name nobody created a table by. */
  table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw tableNotFound();
    return table;
  }

  all(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /**
   * Creates a table or takes up the stored one, adding, replacing and dropping indexes as defined. Runs in
   * the caller's transaction. Throws if the key of a stored table would change.
   */
  create(definition: TableDefinition, now: number): void {
    const stored = this.#statements.find.all(definition.name);
    const self = stored.find(({ index_name }) => index_name === '');
    const signature = keySignature(definition.keySchema, definition);
    const ttlAttribute = definition.ttlAttribute ?? null;
    if (self && self.signature !== signature) {
      throw new Error(
        `The table ${definition.name} is stored with the key ${String(self.signature)} and is now defined ` +
          `with ${signature}. A table cannot change its key: use another name, or remove the data folder.`,
      );
    }
    const id = self
      ? Number(self.id)
      : this.#insert(definition.name, '', signature, now, ttlAttribute);
    const indexes: SecondaryIndex[] = [];
    const added: SecondaryIndex[] = [];
    for (const defined of definition.indexes) {
      const indexSignature = `${keySignature(defined.keySchema, definition)} ${projectionSignature(defined)}`;
      const old = stored.find(
        ({ index_name, signature }) => index_name === defined.name && signature === indexSignature,
      );
      const index = toIndex(
        old ? Number(old.id) : this.#insert(definition.name, defined.name, indexSignature, now),
        defined,
        definition,
      );
      indexes.push(index);
      if (!old) added.push(index);
    }
    for (const { id: storedId } of stored) {
      const kept = storedId === id || indexes.some((index) => index.id === storedId);
      if (!kept) this.#drop(Number(storedId));
    }
    const table: Table = {
      id,
      ...keys(definition.keySchema, definition),
      definition,
      indexes,
      createdAt: self ? Number(self.created_at) : now,
    };
    if (self && (added.length > 0 || self.ttl_attribute !== ttlAttribute)) {
      this.#refresh(table, added);
      this.#statements.setTtl.run(ttlAttribute, id);
    }
    this.#tables.set(definition.name, table);
  }

  #insert(
    table: string,
    index: string,
    signature: string,
    now: number,
    ttlAttribute: string | null = null,
  ): number {
    const { insert } = this.#statements;
    return Number(insert.run(table, index, signature, now, ttlAttribute).lastInsertRowid);
  }

  #drop(id: number): void {
    this.#rows.removeAll(id);
    this.#statements.remove.run(id);
  }

  /** Brings what is derived from a table's items up to date: expiry times, and rows of new indexes. */
  #refresh(table: Table, added: readonly SecondaryIndex[]): void {
    for (const item of [...this.#rows.scan(table.id)]) {
      this.#rows.put(table.id, rowKey(table, item), item, expiryOf(table, item));
      for (const index of added) {
        const key = indexRowKey(table, index, item);
        if (key) this.#rows.put(index.id, key, projectToIndex(index, item));
      }
    }
  }
}

// The index name of a table's own row is empty. Ids are never used again: rows are found by them.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dynamodb_collection (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    index_name TEXT NOT NULL,
    signature TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ttl_attribute TEXT
  ) STRICT;
`;

function prepare(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT * FROM dynamodb_collection WHERE table_name = ?'),
    insert: db.prepare(
      `INSERT INTO dynamodb_collection (table_name, index_name, signature, created_at, ttl_attribute)
       VALUES (?, ?, ?, ?, ?)`,
    ),
    setTtl: db.prepare('UPDATE dynamodb_collection SET ttl_attribute = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM dynamodb_collection WHERE id = ?'),
  };
}

function toIndex(id: number, index: IndexDefinition, definition: TableDefinition): SecondaryIndex {
  const { ProjectionType, NonKeyAttributes = [] } = index.projection;
  const keyNames = [...definition.keySchema, ...index.keySchema].map((key) => key.AttributeName);
  return {
    id,
    name: index.name,
    ...keys(index.keySchema, definition),
    projected:
      ProjectionType === 'ALL'
        ? undefined
        : new Set([...keyNames, ...(ProjectionType === 'INCLUDE' ? NonKeyAttributes : [])]),
  };
}

function keys(schema: KeySchema, definition: TableDefinition): Omit<Collection, 'id'> {
  const named = (role: 'HASH' | 'RANGE'): KeyAttribute | undefined => {
    const name = schema.find(({ KeyType }) => KeyType === role)?.AttributeName;
    if (name === undefined) return undefined;
    const type = definition.attributeDefinitions.find((one) => one.AttributeName === name);
    if (type?.AttributeType !== 'S' && type?.AttributeType !== 'N') {
      throw new Error(
        `The key attribute ${name} of the table ${definition.name} must be defined, as S or N`,
      );
    }
    return { name, type: type.AttributeType };
  };
  const hash = named('HASH');
  if (hash === undefined) throw new Error(`The table ${definition.name} lacks a partition key`);
  return { hash, range: named('RANGE') };
}

function keySignature(schema: KeySchema, definition: TableDefinition): string {
  const { hash, range } = keys(schema, definition);
  return [hash, range]
    .map((key) => (key ? `${key.name}:${key.type}` : ''))
    .join(' ')
    .trim();
}

function projectionSignature({ projection }: IndexDefinition): string {
  return [projection.ProjectionType, ...[...(projection.NonKeyAttributes ?? [])].sort()].join(' ');
}
