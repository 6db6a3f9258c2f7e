import type { DatabaseSync } from 'node:sqlite';
import { atomically } from '../database.ts';
import { AwsError } from '../services.ts';
import { attribute, type Item, sameItem } from './attribute-value.ts';
import { type Consumption, indexWriteUnits, writeUnits } from './capacity.ts';
import type { ChangeStream } from './change-stream.ts';
import { type Condition, holds } from './condition.ts';
import type { RowStore } from './row-store.ts';
import { indexRowKey, projectToIndex, requireStorable, rowKey, type Table } from './table.ts';

/** A write as it was asked for. */
export interface Write {
  readonly table: Table;
  readonly key: Item;
  readonly condition: Condition | undefined;
  /** The item to store in place of `before`; undefined to leave none. */
  readonly change: (before: Item | undefined) => Item | undefined;
  /** Whether a failed condition shows the item that failed it. */
  readonly showsItemOnFailure: boolean;
}

/** A write whose condition held: what was there, and what is to be. */
export interface Plan {
  readonly table: Table;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** A failed condition, with what the attempt cost: DynamoDB bills it like a write. */
export class ConditionFailedError extends AwsError {
  readonly consumption: Consumption;

  constructor(table: Table, before: Item | undefined, showsItem: boolean) {
    super('ConditionalCheckFailedException', 'The conditional request failed', {
      members: before && showsItem ? { Item: before } : {},
    });
    this.consumption = {
      table: table.definition.name,
      kind: 'write',
      tableUnits: writeUnits(before, undefined),
      indexUnits: {},
    };
  }
}

/** Changes items: row, index rows and stream record together, in one SQLite transaction. */
export class ItemWriter {
  readonly #db: DatabaseSync;
  readonly #rows: RowStore;
  readonly #stream: ChangeStream;
  readonly #now: () => number;
  readonly #changed = new Set<string>();
  readonly #listeners: ((table: string) => void)[] = [];

  constructor(db: DatabaseSync, rows: RowStore, stream: ChangeStream, now: () => number) {
    this.#db = db;
    this.#rows = rows;
    this.#stream = stream;
    this.#now = now;
  }

  /** Calls `listener` after every transaction that left a stream record. */
  onChange(listener: (table: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs `work` so that all of its writes are kept or none. */
  transaction<T>(work: () => T): T {
    try {
      const result = atomically(this.#db, work);
      this.#announce([...this.#changed]);
      return result;
    } finally {
      this.#changed.clear();
    }
  }

  /** Listeners run when the outermost transaction is over: SQLite's work here is all synchronous. */
  #announce(tables: readonly string[]): void {
    queueMicrotask(() => {
      for (const table of tables) for (const listener of this.#listeners) listener(table);
    });
  }

  /** What a write would do. Throws a ConditionFailedError, or a ValidationException for an impossible item. */
  plan({ table, key, condition, change, showsItemOnFailure }: Write): Plan {
    const before = this.#rows.get(table.id, rowKey(table, key));
    if (condition && !holds(condition, before ?? {})) {
      throw new ConditionFailedError(table, before, showsItemOnFailure);
    }
    const after = change(before);
    if (after) requireStorable(table, after);
    return { table, before, after };
  }

  /** Does what was planned, inside the same transaction. A plan that changes nothing leaves no trace. */
  commit({ table, before, after }: Plan, { expired = false } = {}): Consumption {
    const present = after ?? before;
    const isChange = present && !(before && after && sameItem(before, after));
    if (isChange) {
      const key = rowKey(table, present);
      if (after) this.#rows.put(table.id, key, after, expiryOf(table, after));
      else this.#rows.remove(table.id, key);
      if (table.definition.streamView) {
        this.#stream.append(table, { before, after, expired }, this.#now());
        this.#changed.add(table.definition.name);
      }
    }
    return {
      table: table.definition.name,
      kind: 'write',
      tableUnits: writeUnits(before, after),
      indexUnits: isChange ? this.#updateIndexes({ table, before, after }) : {},
    };
  }

  #updateIndexes({ table, before, after }: Plan): Record<string, number> {
    const units: Record<string, number> = {};
    for (const index of table.indexes) {
      const oldKey = before && indexRowKey(table, index, before);
      const newKey = after && indexRowKey(table, index, after);
      const sameKey =
        oldKey !== undefined &&
        newKey !== undefined &&
        oldKey.hash.equals(newKey.hash) &&
        oldKey.range.equals(newKey.range);
      const projectedAfter = newKey && projectToIndex(index, after);
      const cost = indexWriteUnits(oldKey && projectToIndex(index, before), projectedAfter, {
        sameKey,
      });
      if (cost === 0) continue;
      units[index.name] = cost;
      if (oldKey && !sameKey) this.#rows.remove(index.id, oldKey);
      if (newKey && projectedAfter) this.#rows.put(index.id, newKey, projectedAfter);
    }
    return units;
  }
}

/** When the item's time to live ends, in epoch seconds; null when it has none. */
export function expiryOf({ definition }: Table, item: Item): number | null {
  const value = definition.ttlAttribute && attribute(item, definition.ttlAttribute);
  return value && 'N' in value ? Math.floor(Number(value.N)) : null;
}
