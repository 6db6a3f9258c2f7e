import type { Delivery } from './delivery.ts';

/** Deliveries that still want something, by what they wait for. What a breaker parked waits for no person. */
export type DeliveryList = 'waiting' | 'parked' | 'failed' | 'uncertain' | 'breaker';

/** The list that a row stands in; undefined: it is being sent, or done. */
export function listOf({ state, parkedBy }: Pick<Delivery, 'state' | 'parkedBy'>) {
  if (state === 'sending' || state === 'delivered' || state === 'skipped') return undefined;
  return state === 'parked' ? (parkedBy ?? state) : state;
}

/** Reads deliveries by what they wait for. Its suite is `test/delivery/delivery-lists.contract.ts`. */
export interface DeliveryLists {
  /** The rows of a destination in a list, as they are now, from the earliest `dueAt` on; those before `dueBefore` only. */
  read(
    destination: string,
    list: DeliveryList,
    options: { readonly limit: number; readonly dueBefore?: Date },
  ): Promise<Delivery[]>;
  /**
   * Writes `next` in the place of `row`, in one conditional write.
   *
   * @returns false when somebody has touched it since it was read
   */
  replace(row: Delivery, next: Delivery, now: Date): Promise<boolean>;
}
