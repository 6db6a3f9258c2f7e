import { type Console, type ConsoleOptions, serveConsole } from '../../lib/console/server.ts';
import type { Kept } from '../support/memory-records.ts';
import { memoryRecords } from '../support/memory-records.ts';

/** A console on records in memory. */
export const openConsole = (
  kept: Partial<Kept>,
  over: Partial<ConsoleOptions> = {},
): Promise<Console> =>
  serveConsole({
    records: memoryRecords(kept),
    now: () => new Date(),
    place: { place: 'data in a test', local: true, version: '0.0.0' },
    unreadable: () => 0,
    explain: async (error) => (error instanceof Error ? error.message : 'trouble'),
    ...over,
  });
