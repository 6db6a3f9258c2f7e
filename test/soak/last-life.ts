import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { dataFile } from '../../lib/cli/data-folder.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { type LifeOptions, startLife } from './life.ts';

/** What is read of the last life's report. */
const reportSchema = z.object({
  drained: z.boolean(),
  calls: z.number(),
  deliveries: z.record(
    z.string(),
    z.object({
      delivered: z.number(),
      waiting: z.number(),
      parked: z.number(),
      failed: z.number(),
      uncertain: z.number(),
    }),
  ),
  resent: z.number(),
  quarantined: z.number(),
  deadLetters: z.number(),
  failing: z.array(z.string()),
});
export type LastReport = z.infer<typeof reportSchema>;

/** How many deliveries are neither done nor given up. */
function underWay(data: string): number {
  const db = new DatabaseSync(dataFile(data), { readOnly: true, timeout: 5_000 });
  try {
    const row = db
      .prepare(
        `SELECT count(*) AS count FROM dynamodb_row
          WHERE item ->> '$.state.S' IN ('waiting', 'sending')`,
      )
      .get();
    return Number(row?.count);
  } finally {
    db.close();
  }
}

/** Twice as long as anything takes to set out: a poll, or the lease of a worker that was killed. */
const SETTING_OUT_MS = 2 * MINUTE_MS;

/** Longer than a delivery waits after four failures in a row; a fifth is not to be expected. */
const UNDER_WAY_MS = 13 * MINUTE_MS;

/**
 * Lets everything arrive, for as long as something does: how long a backlog takes is a matter of its
 * destination's pace. Returns what the system says of itself at the end.
 */
export async function liveOn(
  { hasAll, arrivals }: { hasAll: () => boolean; arrivals: () => number },
  options: LifeOptions,
): Promise<LastReport> {
  const life = startLife(options);
  let arrived = arrivals();
  let arrivedAt = performance.now();
  for (;;) {
    await life.goOn(1_000);
    const left = underWay(options.data);
    if (left === 0 && hasAll()) break;
    if (arrivals() > arrived) arrivedAt = performance.now();
    arrived = arrivals();
    const patienceMs = left > 0 ? UNDER_WAY_MS : SETTING_OUT_MS;
    if (performance.now() - arrivedAt > patienceMs) break;
  }
  return reportSchema.parse(JSON.parse(await life.finish()));
}
