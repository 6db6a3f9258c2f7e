import type { SimCall, Version } from '../sim-call.ts';

export type Json = Readonly<Record<string, unknown>>;

/** What Callwire is to say of a version of a call: the truth, worked out here and not by its own code. */
export interface Truth {
  readonly outcome: 'open' | 'completed' | 'failed';
  readonly status: string;
  readonly reason: string | null;
  readonly durationSeconds: number | null;
  /** Undefined: the list does not tell it. */
  readonly summary: string | null | undefined;
  readonly attributes: Json;
}

/** A request for a list, or for one call. */
export type Asked =
  | { readonly id: string }
  | {
      readonly skip: (pageSize: number) => number;
      readonly limit: number;
      /** Inclusive bounds, epoch milliseconds by the provider's clock. */
      readonly from: number | undefined;
      readonly to: number | undefined;
      /** Only calls that a person has to do this about. */
      readonly workflow?: string | undefined;
    };

/** A part of a list, as rows of JSON. */
export interface Slice {
  readonly rows: readonly string[];
  readonly skip: number;
  readonly pageSize: number;
  /** How many rows match, as far as the provider says. */
  readonly matching: number | undefined;
  /** How many rows there really are to be paged through. */
  readonly pageable: number;
}

/**
 * How one provider talks, written from its documentation and not from our folder of it. Nobody has a
 * number: to read numbers takes longer than all else, and they are not what is tested here.
 */
export interface Wire {
  readonly provider: string;
  readonly host: string;
  /** The header that carries the key, and the key in it. */
  keyOf(headers: Headers): string | undefined;
  /** Undefined for a path or a query that the provider does not know. */
  parse(url: URL): Asked | undefined;
  /** Whether its list can be filtered by time. */
  readonly hasWindow: boolean;
  /** Pages may hold fewer rows than were asked for. Where not, that would mean the end of the list. */
  readonly mayShortenPages: boolean;
  /** @param link ends a signed link; empty where links are not signed */
  row(call: SimCall, version: Version, link: string): Json;
  detail: ((call: SimCall, version: Version, link: string) => Json) | undefined;
  list(slice: Slice): string;
  /** The body of one call. */
  one(record: string): string;
  /** The field that holds the word for where a call stands. */
  readonly statusField: string;
  /** The body of a refusal. */
  readonly refusal: string;
  /** @param known words of no page that an operator has given a meaning: completed */
  truth(version: Version, call: SimCall, known: boolean): Truth;
}

/** The word for a call that is not over, or of one that is, which no page has. */
export const UNKNOWN_OPEN = 'warming-up';
export const UNKNOWN_FINAL = 'wrapped-up';

export const summaryOf = ({ id }: SimCall, { hasSummary }: Version): string | null =>
  hasSummary ? `About ${id}` : null;
