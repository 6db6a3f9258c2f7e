import type { Clock } from '../time.ts';

/** Lets requests of one slice go out at least so far apart. */
export interface RequestPace {
  /** Resolves when it is the next request's turn. */
  turn(): Promise<void>;
  /** How long after now the next request may go out. */
  waitMs(): number;
}

export function requestPace(
  apartMs: number,
  { now, sleep }: { now: Clock; sleep(ms: number): Promise<void> },
): RequestPace {
  let freeAt = 0;
  const waitMs = () => Math.max(0, freeAt - now().getTime());
  return {
    turn: async () => {
      const wait = waitMs();
      // Taken before it is waited for: several may ask at once.
      freeAt = now().getTime() + wait + apartMs;
      if (wait > 0) await sleep(wait);
    },
    waitMs,
  };
}
