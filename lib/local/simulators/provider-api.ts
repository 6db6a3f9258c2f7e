import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from './json.ts';
import type { Deformation } from './malformed.ts';
import type { WebhookApi } from './provider-webhooks.ts';
import type { WorldCall } from './world.ts';

export type Endpoint = 'list' | 'detail';

/** What a request for the list asks for, with the provider's defaults filled in. */
export interface ListAsk {
  matches(call: WorldCall, at: number): boolean;
  /** Where the request says how to sort; else the list has the order it has. */
  readonly compare?: (a: WorldCall, b: WorldCall, at: number) => number;
  readonly skip: number;
  readonly take: number;
}

export interface ListPage {
  readonly rows: readonly unknown[];
  readonly ask: ListAsk;
  /** How many calls the account has, and how many of them match. */
  readonly total: number;
  readonly matching: number;
}

/** What makes a simulated provider this one: its addresses, its strictness and its records. */
export interface ProviderApi {
  /** The calls of the documented samples, of long ago. */
  readonly samples: readonly WorldCall[];
  /** The provider's word for where a call stands. */
  wordOf(call: WorldCall, at: number): string;
  endpointOf(path: string): Endpoint | undefined;
  isAuthorized(headers: IncomingHttpHeaders, key: string): boolean;
  /** @throws Refusal for anything that the list page does not allow. */
  readList(parameters: URLSearchParams): ListAsk;
  listRow(call: WorldCall, at: number): Json;
  listBody(page: ListPage): unknown;
  /** Undefined where no page documents how one call is read. */
  readonly detail:
    | {
        /** @throws Refusal for what is no id. */
        idOf(path: string): string;
        record(call: WorldCall, at: number): Json;
        body(record: unknown): unknown;
      }
    | undefined;
  refusalBody(statusCode: number, message: string): unknown;
  readonly deformation: Deformation;
  /** Undefined where no page says what webhooks about calls look like, or how they are signed. */
  readonly webhook?: WebhookApi;
}
