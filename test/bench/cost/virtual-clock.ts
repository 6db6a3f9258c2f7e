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

  readonly sleep = async (ms: number): Promise<void> => {
    this.#ms += ms;
  };
}
