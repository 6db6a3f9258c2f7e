/** A running event source mapping. */
export interface Mapping {
  /** Nothing is being handed over, and nothing waits to be; messages delayed in a queue do not count. */
  isIdle(): boolean;
  /** Takes nothing more; resolves when what was taken is settled. */
  stop(): Promise<void>;
}

/** What a mapping needs to hand batches over. */
export interface Delivery {
  /** Runs the mapped function. @throws when the function fails */
  readonly invoke: (event: { readonly Records: readonly unknown[] }) => Promise<unknown>;
  /** Whether the mapping's filters let a record through. */
  readonly passes: (record: unknown) => boolean;
  /** True when a batch that was delivered should be delivered once more: an injected fault. */
  readonly repeats: () => boolean;
  readonly now: () => number;
}
