import type { TableDefinition } from '../../lib/local/services.ts';
import { callsTable } from '../support/calls-table.ts';
import { controlTable } from '../support/control-table.ts';

/** What the services tell the workers. */
export interface Addresses {
  readonly dynamo: string;
  readonly provider: string;
}

/** What a worker is told to do. */
export interface WorkerOrder extends Addresses {
  readonly calls: number;
  /** Whether each slice is followed by its writes once more, bare. */
  readonly bare: boolean;
  /** Of a connection of its own, so that nothing is known of its calls. */
  readonly connection: string;
}

/** What a worker answers. */
export interface WorkerReport {
  readonly seconds: number;
  /** Of each slice that wrote something: how long it took, and how long its writes did once more, bare. */
  readonly slices: readonly { readonly backfillMs: number; readonly bareMs: number }[];
  readonly requests: number;
  /** The most memory that the process ever had. */
  readonly peakMb: number;
}

/** The first call; one a minute follows. */
export const FIRST_AT = Date.parse('2026-01-01T00:00:00Z');
export const APART_MS = 60_000;

const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });

/** The Calls table as it is deployed, with its three indexes and its stream; and one for bare writes. */
const calls = (name: string): TableDefinition => ({
  ...callsTable,
  name,
  attributeDefinitions: ['pk', 't', 'f', 'n', 'at'].map(attribute),
  indexes: (['byTime', 'failedByDay', 'byNumber'] as const).map((index, at) => ({
    name: index,
    keySchema: [
      { AttributeName: ['t', 'f', 'n'][at] ?? '', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    projection: { ProjectionType: 'KEYS_ONLY' },
  })),
  streamView: 'NEW_AND_OLD_IMAGES',
});

export const TABLES = [calls('calls'), calls('bare'), controlTable];
