/** A request that wants to leave. */
export interface Passage {
  readonly key: string;
  readonly everyMs: number;
  readonly now: Date;
  /** Longer than this nobody would wait at the gate. */
  readonly withinMs: number;
  /** It has stood in line; who has not is not let past those who do. */
  readonly hasTurn: boolean;
}

export type Answer =
  /** It may leave then, and nobody else before `everyMs` after that. */
  | { readonly passAt: Date }
  /** It has to stand in line, and will not pass before then. */
  | { readonly notBefore: Date };

/**
 * The pace of destinations, kept for all workers: a gate that lets one request through in `everyMs`,
 * and before it a line of turns. A turn says when to come to the gate, so that a backlog leaves in order
 * and nobody tries in vain; only the gate says that a request may leave. Whoever was killed, stopped or
 * late has at worst a turn of no use: what leaves is still spaced, because each passage is written down
 * before its request is made.
 */
export interface PaceBook {
  /** Asks at the gate, in one conditional write at most: those who ask at once may share it. */
  pass(passage: Passage): Promise<Answer>;
  /** Takes the turn at the end of the line, not before `from`. */
  lineUp(key: string, everyMs: number, from: Date): Promise<Date>;
  /** Closes the gate until then. */
  hold(key: string, until: Date): Promise<void>;
  /** Until when the gate was closed last; a passage before it that was not used yet is void. */
  heldUntil(key: string): Promise<Date | undefined>;
}
