/** Trying again later may help: a timeout, a 429, a 5xx, a reset connection. */
export class TransientError extends Error {
  override name = 'TransientError';
  /** `rate_limited`, `unreachable` or `provider_error`. */
  readonly reason: string;
  /** How long the other side asked us to wait, if it said. */
  readonly retryAfterMs: number | undefined;
  /** True when the other side may have done what it was asked, though it did not say so. */
  readonly maybeDone: boolean;

  constructor(
    message: string,
    options: ErrorOptions & {
      reason?: string;
      retryAfterMs?: number | undefined;
      maybeDone?: boolean;
    } = {},
  ) {
    super(message, options);
    this.reason = options.reason ?? 'unreachable';
    this.retryAfterMs = options.retryAfterMs;
    this.maybeDone = options.maybeDone ?? false;
  }
}

/**
 * What trying again will not help: this one request, or any request to the same destination (its token is
 * revoked, its channel is gone), so that no other has to be refused to find that out.
 */
export type RefusalScope = 'request' | 'destination';

/** Trying again will not help until a person changes something: a refused key, a missing channel. */
export class PermanentError extends Error {
  override name = 'PermanentError';
  /** A short, stable word for what is wrong, such as `key_refused` or `channel_not_found`. */
  readonly reason: string;
  readonly scope: RefusalScope;

  constructor(
    reason: string,
    message: string,
    { scope = 'request', ...options }: ErrorOptions & { scope?: RefusalScope } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.scope = scope;
  }
}

/** The other side answered with something that our schema of it does not describe. */
export class ContractError extends Error {
  override name = 'ContractError';
  readonly reason = 'shape_changed';
}

/** What went wrong on the other side of a request; anything else that is thrown is a fault of ours. */
export type OtherSideError = TransientError | PermanentError | ContractError;

export const isOtherSide = (error: unknown): error is OtherSideError =>
  error instanceof TransientError ||
  error instanceof PermanentError ||
  error instanceof ContractError;
