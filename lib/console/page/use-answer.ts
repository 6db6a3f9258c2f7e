import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Answers, Question } from '../answers.ts';
import { ask, Refused } from './ask.ts';

/** What is known of an answer. While another one is fetched, the one before is still there. */
export interface Asked<T> {
  readonly answer: T | undefined;
  readonly trouble: Refused | undefined;
  readonly isLoading: boolean;
  refresh(): void;
}

const REFRESH = 'callwire:refresh';

/** Reads anew what is shown. */
export const refreshAll = (): boolean => document.dispatchEvent(new Event(REFRESH));

/** Asks, and again whenever the question changes, `r` is pressed, or `everyMs` have passed while somebody looks. */
export function useAnswer<Q extends Question>(
  question: Q,
  query = '',
  everyMs?: number,
): Asked<Answers[Q]> {
  const [answer, setAnswer] = useState<Answers[Q]>();
  const [trouble, setTrouble] = useState<Refused>();
  const [isLoading, setLoading] = useState(true);
  const [times, setTimes] = useState(0);
  const refresh = useCallback(() => setTimes((before) => before + 1), []);

  // Before the first paint: the answer is on its way while that is done.
  useLayoutEffect(() => {
    const aborting = new AbortController();
    // At once, so that all of it is drawn once.
    const settle = (given: Answers[Q] | undefined, refused: Refused | undefined) => {
      if (aborting.signal.aborted) return;
      if (given !== undefined) setAnswer(() => given);
      setTrouble(refused);
      setLoading(false);
    };
    setLoading(true);
    ask(question, query, aborting.signal).then(
      (given) => settle(given, undefined),
      (error: unknown) => settle(undefined, troubleOf(error)),
    );
    return () => aborting.abort();
  }, [question, query, times]);

  useEffect(() => {
    document.addEventListener(REFRESH, refresh);
    const timer =
      everyMs === undefined
        ? undefined
        : setInterval(() => {
            if (document.visibilityState === 'visible') refresh();
          }, everyMs);
    return () => {
      document.removeEventListener(REFRESH, refresh);
      clearInterval(timer);
    };
  }, [everyMs, refresh]);

  return { answer, trouble, isLoading, refresh };
}

const troubleOf = (error: unknown): Refused =>
  error instanceof Refused ? error : new Refused(0, String(error));
