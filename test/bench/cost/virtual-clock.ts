import { DAY_MS } from '../../../lib/time.ts';

/** A clock that stands still until it is told to go on. It begins in the past, so that no deadline in real time is near. */
export class VirtualClock {
  #ms: number;

  constructor(days: number) {
    this.#ms = Math.floor((Date.now() - days * DAY_MS) / 60_000) * 60_000;
  }

  readonly ms = (): number => this.#ms;
  readonly now = (): Date => new Date(this.#ms);

  /** Goes on to an instant, never back. */
  advanceTo(ms: number): void {
    this.#ms = Math.max(this.#ms, ms);
  }

  readonly #sleepers: { readonly at: number; wake(): void }[] = [];

  /** Those who sleep at once wake in the order of their hours, each at its own. */
  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#sleepers.push({ at: this.#ms + ms, wake });
      if (this.#sleepers.length === 1) this.#wakeNextSoon();
    });

  #wakeNextSoon(): void {
    // A moment, in which whoever woke before may do what it woke for.
    setTimeout(() => {
      this.#sleepers.sort((a, b) => b.at - a.at);
      const next = this.#sleepers.pop();
      if (!next) return;
      this.advanceTo(next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#wakeNextSoon();
    }, 2);
  }
}
