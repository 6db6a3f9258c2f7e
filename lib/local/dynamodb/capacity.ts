import { type Item, itemSize, sameItem } from './attribute-value.ts';

const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

/**
 * Request units one operation used on one table, by the rules on
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export interface Consumption {
  readonly table: string;
  readonly kind: 'read' | 'write';
  readonly tableUnits: number;
  readonly indexUnits: Readonly<Record<string, number>>;
}

/** The `ReturnConsumedCapacity` of a request. */
export type CapacityDetail = 'NONE' | 'TOTAL' | 'INDEXES' | undefined;

/** Units to read this much at once; reading nothing costs as much as reading a little. */
export function readUnits(size: number, { consistent }: { consistent: boolean }): number {
  const blocks = Math.max(1, Math.ceil(size / READ_UNIT_BYTES));
  return consistent ? blocks : blocks / 2;
}

/** Units to write an item over another: the larger of the two counts, also when a condition fails. */
export function writeUnits(before: Item | undefined, after: Item | undefined): number {
  const size = Math.max(before ? itemSize(before) : 0, after ? itemSize(after) : 0);
  return Math.max(1, Math.ceil(size / WRITE_UNIT_BYTES));
}

/** Units to bring one index up to date, given what it projects of the item before and after a write. */
export function indexWriteUnits(
  before: Item | undefined,
  after: Item | undefined,
  { sameKey }: { sameKey: boolean },
): number {
  if (!before && !after) return 0;
  if (!before || !after || sameKey) {
    return before && after && sameItem(before, after) ? 0 : writeUnits(before, after);
  }
  // A changed index key is a deletion and an insertion.
  return writeUnits(before, undefined) + writeUnits(undefined, after);
}

/** One consumption per table, in the order the tables first appear. */
export function mergeConsumption(consumptions: readonly Consumption[]): Consumption[] {
  const merged = new Map<string, Consumption>();
  for (const consumption of consumptions) {
    const sum = merged.get(consumption.table);
    merged.set(consumption.table, sum ? add(sum, consumption) : consumption);
  }
  return [...merged.values()];
}

/** The `ConsumedCapacity` of an answer; undefined when the request did not ask for it. */
export function consumedCapacity(
  detail: CapacityDetail,
  consumption: Consumption,
): Record<string, unknown> | undefined {
  if (detail === undefined || detail === 'NONE') return undefined;
  const indexUnits = Object.entries(consumption.indexUnits);
  const total = {
    TableName: consumption.table,
    CapacityUnits: indexUnits.reduce((sum, [, units]) => sum + units, consumption.tableUnits),
  };
  if (detail === 'TOTAL') return total;
  const indexes = indexUnits.map(([name, units]) => [name, { CapacityUnits: units }]);
  return {
    ...total,
    Table: { CapacityUnits: consumption.tableUnits },
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(indexes) }),
  };
}

function add(a: Consumption, b: Consumption): Consumption {
  const indexUnits = { ...a.indexUnits };
  for (const [name, units] of Object.entries(b.indexUnits)) {
    indexUnits[name] = (indexUnits[name] ?? 0) + units;
  }
  return { ...a, tableUnits: a.tableUnits + b.tableUnits, indexUnits };
}
