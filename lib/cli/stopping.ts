import { EXIT } from './exit-status.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Stopping {
  /** Resolves after so many seconds, or at the first Ctrl-C. */
  untilTimeOrSignal(seconds: number | undefined): Promise<'time' | 'signal'>;
}

/**
 * From now on Ctrl-C ends the process at once, except where somebody waits for it. Ending goes through
 * `process.exit`, so that what is to be tidied up at the end is.
 */
export function handleSignals(): Stopping {
  const exitAtOnce = (): void => process.exit(EXIT.interrupted);
  let onSignal = exitAtOnce;
  for (const signal of SIGNALS) process.on(signal, () => onSignal());

  return {
    untilTimeOrSignal: (seconds) =>
      new Promise((resolve) => {
        const stop = (why: 'time' | 'signal') => {
          clearTimeout(timer);
          onSignal = exitAtOnce;
          resolve(why);
        };
        const timer =
          seconds === undefined ? undefined : setTimeout(() => stop('time'), seconds * 1000);
        onSignal = () => stop('signal');
      }),
  };
}
