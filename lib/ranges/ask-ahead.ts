import type { JsonAnswer } from '../http.ts';
import type { Cursor, ListQuery, Provider, ProviderRequest } from '../providers/provider.ts';

/** A list whose next page can be on its way while the rows of the one before it are being recorded. */
export interface AskingAhead {
  readonly provider: Provider;
  ask(request: ProviderRequest): Promise<JsonAnswer | undefined>;
  /** Asks for the page after the last one, which `ask` will be asked for next. */
  ahead(next: Cursor): void;
}

/** @param askNow sends a request at once */
export function askingAhead(
  provider: Provider,
  askNow: (request: ProviderRequest) => Promise<JsonAnswer | undefined>,
): AskingAhead {
  const { list } = provider;
  let last: ListQuery | undefined;
  let pending:
    | { readonly key: string; readonly answer: Promise<JsonAnswer | undefined> }
    | undefined;
  return {
    provider: {
      ...provider,
      list: {
        ...list,
        request: (query) => {
          last = query;
          return list.request(query);
        },
      },
    },
    ask: (request) => {
      const taken = pending?.key === JSON.stringify(request) ? pending.answer : undefined;
      pending = undefined;
      return taken ?? askNow(request);
    },
    ahead: (next) => {
      if (!last) return;
      const request = list.request({ ...last, cursor: next });
      const answer = askNow(request);
      // Trouble is for whoever asks for the page; nobody may.
      answer.catch(() => {});
      pending = { key: JSON.stringify(request), answer };
    },
  };
}
