/** Something that has a place in time. */
interface Dated {
  /** ISO, so that texts compare as instants do. */
  readonly at: string;
}

/** A source with what it gives next. */
interface Open<T> {
  readonly source: AsyncIterator<T>;
  readonly next: T;
}

/**
 * Puts sources that each have the newest first into one, in which that is so too. Reads of each only as far
 * as is asked for; all of them are begun at once.
 */
export async function* mergeNewest<T extends Dated>(
  sources: readonly AsyncIterator<T>[],
): AsyncGenerator<T> {
  const begun = await Promise.all(sources.map(advance));
  const open = begun.filter((each) => each !== undefined);
  while (open.length > 0) {
    const newest = open.reduce((best, each) => (each.next.at > best.next.at ? each : best));
    yield newest.next;
    const further = await advance(newest.source);
    open.splice(open.indexOf(newest), 1, ...(further ? [further] : []));
  }
}

async function advance<T>(source: AsyncIterator<T>): Promise<Open<T> | undefined> {
  const step = await source.next();
  return step.done ? undefined : { source, next: step.value };
}
