import {
  type CapacityDetail,
  type Consumption,
  consumedCapacity,
  mergeConsumption,
} from './capacity.ts';

/** Tells whoever counts request units what each operation used, asked for in the request or not. */
export class Meter {
  readonly #onConsumed: ((consumption: Consumption) => void) | undefined;

  constructor(onConsumed: ((consumption: Consumption) => void) | undefined) {
    this.#onConsumed = onConsumed;
  }

  record(consumption: Consumption): void {
    this.#onConsumed?.(consumption);
  }

  /** Records what one request used, and gives the `ConsumedCapacity` of its answer: one entry per table. */
  recordAll(
    consumptions: readonly Consumption[],
    detail: CapacityDetail,
  ): { ConsumedCapacity?: unknown[] } {
    const merged = mergeConsumption(consumptions);
    for (const consumption of merged) this.record(consumption);
    const answered = merged.flatMap((consumption) => consumedCapacity(detail, consumption) ?? []);
    return answered.length > 0 ? { ConsumedCapacity: answered } : {};
  }
}
