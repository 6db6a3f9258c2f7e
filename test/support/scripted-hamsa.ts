import { PermanentError, TransientError } from '../../lib/errors.ts';
import type { HttpClient } from '../../lib/http.ts';

/** A row of Hamsa's list, as on its page. */
export interface HamsaRow {
  readonly id: string;
  readonly createdAt: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

export interface Asked {
  readonly kind: 'list' | 'detail';
  /** Page of a list, id of a detail. */
  readonly what: string;
  readonly at: number;
  readonly url: URL;
}

/** Answers instead of the script: a body, or an error to throw. Undefined: as scripted. */
type Instead = (asked: Asked) => unknown;

export const rateLimited = (retryAfterMs?: number) =>
  new TransientError('answered 429', { reason: 'rate_limited', retryAfterMs });
export const serverError = () => new TransientError('answered 500', { reason: 'provider_error' });
export const refusedKey = () => new PermanentError('key_refused', 'answered 401');
export const notFound = () => new PermanentError('not_found', 'answered 404');

/** Hamsa as documented, over rows that a test may change at any time, also between two pages. */
export function scriptedHamsa(now: () => Date) {
  const rows: HamsaRow[] = [];
  /** What the detail of a call says beyond its row. */
  const details = new Map<string, Record<string, unknown>>();
  const asked: Asked[] = [];
  const script: {
    instead: Instead;
    before: (asked: Asked) => void;
    perPage: number;
    /** No query shows more rows than this, though all are counted. */
    cap: number;
  } = {
    instead: () => undefined,
    before: () => {},
    perPage: 200,
    cap: Number.POSITIVE_INFINITY,
  };

  function list(query: URLSearchParams) {
    const [from, to] = [Number(query.get('startTime')), Number(query.get('endTime'))];
    const matching = rows.filter(({ createdAt }) => {
      const at = Date.parse(createdAt);
      return at >= from && at <= to;
    });
    const perPage = Math.min(Number(query.get('perPage')), script.perPage);
    const start = (Number(query.get('page')) - 1) * perPage;
    const calls = matching.slice(start, Math.min(start + perPage, script.cap));
    return { success: true, data: { total: rows.length, filtered: matching.length, calls } };
  }

  function detail(id: string) {
    const row = rows.find((candidate) => candidate.id === id);
    if (!row) throw notFound();
    const { duration, ...rest } = row;
    return { success: true, data: { ...rest, callDuration: duration, ...details.get(id) } };
  }

  const http: HttpClient = async ({ url }) => {
    const id = /\/conversation\/(.+)$/.exec(url.pathname)?.[1];
    const one: Asked = {
      kind: id ? 'detail' : 'list',
      what: id ?? url.searchParams.get('page') ?? '',
      at: now().getTime(),
      url,
    };
    asked.push(one);
    script.before(one);
    const requestedAt = now();
    const instead = script.instead(one);
    if (instead instanceof Error) throw instead;
    const body: unknown = structuredClone(instead ?? (id ? detail(id) : list(url.searchParams)));
    return { body, requestedAt, receivedAt: now() };
  };

  return {
    http,
    rows,
    details,
    asked,
    script,
    /** Adds a row, or changes the one of that id. */
    put: (id: string, facts: Partial<HamsaRow>) => {
      const at = rows.findIndex((row) => row.id === id);
      const row = {
        createdAt: now().toISOString(),
        status: 'IN_PROGRESS',
        ...rows[at],
        ...facts,
        id,
      };
      // Newest first, as most lists are.
      if (at < 0) rows.unshift(row);
      else rows[at] = row;
    },
  };
}
