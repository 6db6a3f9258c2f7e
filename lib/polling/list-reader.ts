import { fingerprint } from '../hash.ts';
import type { CallFacts, Cursor, Page, Provider } from '../providers/provider.ts';
import type { WalkDeps } from './walk-list.ts';

/** Past this, a walk goes on in the next poll. */
const MAX_PAGES = 500;

/** Rows of a list, by their place in it. Places shift as other rows come and go. */
export interface RowsRead {
  /** Place of the first row, counted from 0. */
  readonly start: number;
  /** Place after the last row. */
  readonly end: number;
  readonly isLast: boolean;
  readonly facts: readonly CallFacts[];
  /** What tells the rows apart, also those that cannot be read. */
  readonly keys: ReadonlySet<string>;
  /** How many rows the list holds, if it says. */
  readonly matching: number | undefined;
}

/** Reads the pages of one list that has no time filter, in any order. */
export interface ListReader {
  /** Rows of a page, as far as is known: some lists show fewer than they were asked for. */
  readonly pageSize: number;
  /** Whether any page can be asked for, not only the one after the last. */
  readonly canJump: boolean;
  /** The page that holds this place; undefined when there is no time left. */
  read(place: number): Promise<RowsRead | undefined>;
  /** Where to read on after a page, so that the next can be seen to join it. */
  after(read: RowsRead): number;
}

const keysOf = ({ listed, rejected }: Page): Set<string> =>
  new Set([
    ...listed.map(({ facts }) => facts.id),
    ...rejected.map(({ id, raw }) => id ?? fingerprint(raw)),
  ]);

export function listReader({ list }: Provider, deps: WalkDeps): ListReader {
  const { maxPageSize } = list;
  let pageSize = maxPageSize;
  let pages = 0;
  let last: { end: number; next: Cursor | undefined } | undefined;

  const whereIs = (place: number): { start: number; cursor: Cursor | undefined } => {
    if (place === 0) return { start: 0, cursor: undefined };
    if (place === last?.end && list.paging !== 'offset') return { start: place, cursor: last.next };
    switch (list.paging) {
      case 'offset':
        return { start: place, cursor: place };
      case 'page': {
        const index = Math.floor(place / pageSize);
        return { start: index * pageSize, cursor: index === 0 ? undefined : index + 1 };
      }
      case 'token':
        throw new Error('A list with tokens is read page after page');
    }
  };

  return {
    get pageSize() {
      return pageSize;
    },
    canJump: list.paging !== 'token',
    // One row is asked for twice where that can be.
    after: ({ end }) => (list.paging === 'offset' ? end - 1 : end),
    read: async (place) => {
      if (pages >= MAX_PAGES || deps.now() >= deps.deadline) return undefined;
      pages += 1;
      const { start, cursor } = whereIs(place);
      const answer = await deps.ask(list.request({ cursor, pageSize: maxPageSize }));
      if (answer === undefined) return undefined;
      const page = list.read(answer.body, start, cursor);
      await deps.onPage(page, answer);
      const end = start + page.rows;
      last = { end, next: page.next };
      if (start === 0 && page.next !== undefined && page.rows > 0) pageSize = page.rows;
      return {
        start,
        end,
        isLast: page.next === undefined,
        facts: page.listed.map(({ facts }) => facts),
        keys: keysOf(page),
        matching: page.matching,
      };
    },
  };
}
