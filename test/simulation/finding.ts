/** A promise that was broken. */
export interface Finding {
  readonly verdict: 'lost' | 'duplicates' | 'wrong';
  /** Which promise, in words. */
  readonly invariant: string;
  /** The call or connection that it is about. */
  readonly about: string;
  readonly detail: string;
}
