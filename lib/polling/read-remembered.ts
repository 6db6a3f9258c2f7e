import { isOtherSide, TransientError } from '../errors.ts';
import { postponeEnrichment } from './enrichment.ts';
import type { Poll } from './poll.ts';
import type { Reach } from './reach.ts';
import { alone, readById } from './read-calls.ts';

/** Remembered calls that one poll reads by id: the rest have their turn in the next. */
const MAX_READS_BY_ID = 10;

/** A provider that fails so often is in trouble with more than some of its calls. */
const MAX_TROUBLES = 3;

/**
 * Reads again what is remembered and no page showed: late details, and open calls that left the window,
 * where it is their turn.
 * One that cannot be read keeps none of the others from their turn.
 *
 * @throws TransientError when several could not be read, or the provider asked us to wait
 */
export async function readRemembered(
  poll: Poll,
  { due: dueOpen }: Pick<Reach, 'due'>,
  now: Date,
): Promise<void> {
  const { deps, enrich, looked, open } = poll;
  const due = [...enrich.values()].filter(({ dueAt }) => dueAt <= now.toISOString());
  const unseen = dueOpen.filter(({ id }) => open.has(id) && !looked.has(id));
  // From anywhere, so that whichever stands in the way does not do so every time.
  const start = Math.floor(deps.random() * unseen.length);
  const ordered = [
    ...due.slice(0, MAX_READS_BY_ID / 2),
    ...unseen.slice(start),
    ...unseen.slice(0, start),
  ];
  let troubles = 0;
  for (const { id } of ordered.slice(0, MAX_READS_BY_ID)) {
    if (deps.now() >= deps.deadline) return;
    try {
      await alone(poll, () => readById(poll, id));
    } catch (error) {
      if (!isOtherSide(error)) throw error;
      postponeEnrichment(poll, id);
      if (!(error instanceof TransientError)) {
        looked.add(id);
        continue;
      }
      troubles += 1;
      if (error.reason === 'rate_limited' || troubles === MAX_TROUBLES) throw error;
    }
  }
}
