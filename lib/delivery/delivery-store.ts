import type { Delivery, DeliveryKey } from './delivery.ts';

export interface ClaimRequest {
  readonly key: DeliveryKey;
  readonly type: Delivery['type'];
  readonly revision: number;
  /** What a new row starts with. */
  readonly heldMs: number;
  /** Unique to this worker and this attempt. */
  readonly lease: string;
  readonly now: Date;
  readonly leaseUntil: Date;
  /** A waiting delivery may be claimed if it is due by then. */
  readonly dueBy: Date;
}

export type Claim =
  /** `before` is the row as the claim found it; undefined: there was none. */
  | { readonly claimed: true; readonly row: Delivery; readonly before: Delivery | undefined }
  /** Settled, waiting for later, or with another worker. */
  | { readonly claimed: false; readonly row: Delivery };

/** Where deliveries are kept. Its suite is `test/delivery/delivery-store.contract.ts`. */
export interface DeliveryStore {
  /**
   * Takes a delivery in one conditional write. It can be had when there is no row yet, when it waits
   * and is due, when its worker's lease is over, or when the very same request has taken it already:
   * an answer can be lost on its way, and clients ask again by themselves. `openSince` stays what it was
   * until the row is saved.
   */
  claim(request: ClaimRequest): Promise<Claim>;
  /**
   * Writes the row if `row.lease` still has it, or nobody ever had it, in one conditional write. A receipt
   * is written over another worker's row as well that is neither settled nor being sent: what has arrived
   * is not told again.
   *
   * @returns false when another worker has taken it over
   */
  save(row: Delivery, now: Date): Promise<boolean>;
  read(key: DeliveryKey): Promise<Delivery | undefined>;
  /** All there is about one subject for one destination. */
  ofSubject(subject: string, destination: string): Promise<Delivery[]>;
}
