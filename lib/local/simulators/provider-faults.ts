import type { Chance } from './faults.ts';
import type { MalformedKind } from './malformed.ts';
import type { WebhookFaults } from './provider-webhooks.ts';

/** What can go wrong at a provider, and how often. Every field may be changed while the simulator runs. */
export interface ProviderFaults extends WebhookFaults {
  /** Strike one of the two endpoints only. */
  only: 'list' | 'detail' | undefined;
  /** 429; until `retryAfterSeconds` later every other request gets one too. */
  tooManyRequests: Chance;
  retryAfterSeconds: number;
  /** 401: the key has expired. */
  refusedKey: Chance;
  /** 500, 502 or 503. */
  serverError: Chance;
  /** The request is read and never answered. */
  timeout: Chance;
  /** Half of the body comes at once, the rest after `slowBodyMs`. */
  slowBody: Chance;
  slowBodyMs: number;
  connectionReset: Chance;
  /** A status of 200 with a page of a login form. */
  htmlPage: Chance;
  /** A status of 200 with the body of a refusal. */
  refusalIn200: Chance;
  /** Per call, not per request: a malformed record stays malformed. */
  malformed: Partial<Record<MalformedKind, Chance>>;
  /** A row appears, or one of an earlier page goes, before a page after the first is served. */
  insertedBetweenPages: Chance;
  deletedBetweenPages: Chance;
  /** Per call: it is in the list only `lateVisibilitySeconds` after it was created. */
  lateVisibility: Chance;
  lateVisibilitySeconds: number;
}

/** A provider in good health. */
export const noFaults: Readonly<ProviderFaults> = {
  only: undefined,
  tooManyRequests: 0,
  retryAfterSeconds: 1,
  refusedKey: 0,
  serverError: 0,
  timeout: 0,
  slowBody: 0,
  slowBodyMs: 30_000,
  connectionReset: 0,
  htmlPage: 0,
  refusalIn200: 0,
  malformed: {},
  insertedBetweenPages: 0,
  deletedBetweenPages: 0,
  lateVisibility: 0,
  lateVisibilitySeconds: 5,
  webhookLost: 0,
  webhookTwice: 0,
  webhookLate: 0,
  webhookLateSeconds: 5,
  webhookForged: 0,
};
