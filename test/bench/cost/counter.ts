/** Sums by name. */
export class Counter {
  readonly #sums = new Map<string, number>();

  add(name: string, amount: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + amount);
  }

  get(name: string): number {
    return this.#sums.get(name) ?? 0;
  }

  all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What `work` added to each sum. */
  async during(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const before = new Map(this.#sums);
    await work();
    return Object.fromEntries(
      [...this.#sums].map(([name, sum]) => [name, sum - (before.get(name) ?? 0)]),
    );
  }
}
