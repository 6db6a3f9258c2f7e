import { timerDelay } from '../timer-delay.ts';

/** A sleep that others can end: how a mapping waits without asking again and again. */
export interface Alarm {
  /** Ends the sleep under way, or the next one at once. */
  ring(): void;
  /** Resolves when rung, or after `ms` if given. */
  sleep(ms?: number): Promise<void>;
}

/** Makes an alarm for one sleeper. */
export function createAlarm(): Alarm {
  let rung = false;
  let wake: (() => void) | undefined;

  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    sleep: async (ms) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = ms === undefined ? undefined : setTimeout(resolve, timerDelay(ms));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
  };
}
