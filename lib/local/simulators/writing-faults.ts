import { setTimeout as wait } from 'node:timers/promises';
import { type Chance, strikes } from './faults.ts';
import type { Random } from './random.ts';

/** What can go wrong where something is written, and how often. May be changed while it runs. */
export interface WritingFaults {
  /** 429, and nothing was written. */
  tooManyRequests: Chance;
  /** 503, and nothing was written. */
  errorBeforeCommit: Chance;
  /** Another 5xx, and yet it was written. */
  errorAfterCommit: Chance;
  /** It was written, and the socket closes without an answer. */
  lostAnswer: Chance;
  /** The answer comes `slowAnswerMs` after it was written. */
  slowAnswer: Chance;
  slowAnswerMs: number;
}

export const noWritingFaults: Readonly<WritingFaults> = {
  tooManyRequests: 0,
  errorBeforeCommit: 0,
  errorAfterCommit: 0,
  lostAnswer: 0,
  slowAnswer: 0,
  slowAnswerMs: 5000,
};

/** What the answer to something that was written is to be, after the wait before it, if there is one. */
export async function answerAfterWriting(
  faults: WritingFaults,
  random: Random,
  closing: AbortSignal,
): Promise<'none' | 'error' | 'success'> {
  if (strikes(faults.lostAnswer, random)) return 'none';
  if (strikes(faults.errorAfterCommit, random)) return 'error';
  if (strikes(faults.slowAnswer, random)) {
    await wait(faults.slowAnswerMs, undefined, { ref: false, signal: closing }).catch(
      () => undefined,
    );
  }
  return 'success';
}
