/** What the contract suite has to know of each kind of destination to make a request to it. */
export interface Sample {
  /** Valid settings, without `baseUrl`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The body of an answer with which the vendor accepts a delivery. */
  readonly accepted: unknown;
  /** Bodies with status 200 with which the vendor refuses one for good; empty: it refuses by status only. */
  readonly refused: readonly unknown[];
  /** What the first request carries of `failedCall()` for its receiver to tell repeats by; default: the event's id. */
  readonly identity?: string;
  /** Statuses, besides those of every vendor, with which this one asks to come back later. */
  readonly transient?: readonly number[];
  /** Path and answer of the login that comes before, where there is one. */
  readonly login?: readonly [path: string, answer: unknown];
  /** A value of its secrets, where they must have a form of their own. */
  readonly secret?: string;
}
