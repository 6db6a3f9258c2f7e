import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { dataFile } from '../../lib/cli/data-folder.ts';
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

/** Lets everything arrive that does within `forMs`. Returns what the system says of itself at the end. */
export async function liveOn(
  isAllTold: () => boolean,
  forMs: number,
  options: LifeOptions,
): Promise<LastReport> {
  const life = startLife(options);
  const giveUpAt = performance.now() + forMs;
  do await life.goOn(1_000);
  while (performance.now() < giveUpAt && !(isAllTold() && underWay(options.data) === 0));
  return reportSchema.parse(JSON.parse(await life.finish()));
}
