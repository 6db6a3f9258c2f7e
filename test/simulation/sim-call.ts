/** How a call ends, in no provider's words. */
export type Ending = 'completed' | 'forwarded' | 'no_answer' | 'failed' | 'terminated';

/** What a provider shows of a call from one moment on, until its next version. */
export interface Version {
  /** Epoch milliseconds, by the true clock. */
  readonly at: number;
  readonly phase: 'queued' | 'in_progress' | Ending;
  /** Null until the end. */
  readonly durationSeconds: number | null;
  readonly hasSummary: boolean;
  readonly hasRecording: boolean;
  /** A word on no page, in place of the provider's own. */
  readonly word: string | undefined;
  /** What people have to do about it: Solum's `status`. */
  readonly workflow: 'pending' | 'done' | 'follow_up_needed';
}

export type Malformation = 'not an object' | 'no id' | 'wrong type';

/** One call, with all that will ever be true of it. Instants are epoch milliseconds by the true clock. */
export interface SimCall {
  readonly id: string;
  readonly connection: string;
  /** A number from 0 that no other call of the connection has. */
  readonly place: number;
  readonly createdAt: number;
  readonly answeredAt: number | null;
  /** `Infinity`: it never ends. */
  readonly endedAt: number;
  /** What its record says of its beginning, by the provider's clock. */
  readonly statedAt: number | null;
  /** How far the provider's clock is ahead. */
  readonly skewMs: number;
  readonly versions: readonly Version[];
  /** From when to when it is in the list. Deletion may come at any time. */
  visibleAt: number;
  hiddenAt: number;
  readonly malformed: { readonly how: Malformation; readonly until: number } | undefined;
}

export const isFinalPhase = (phase: Version['phase']): phase is Ending =>
  phase !== 'queued' && phase !== 'in_progress';

/** Which version of a call stands at an instant; the first one before it begins. */
export function versionAt({ versions }: SimCall, at: number): number {
  let index = 0;
  while (index + 1 < versions.length && (versions[index + 1]?.at ?? 0) <= at) index += 1;
  return index;
}

export const isListed = ({ visibleAt, hiddenAt }: SimCall, at: number): boolean =>
  visibleAt <= at && at < hiddenAt;

export const isMalformed = ({ malformed }: SimCall, at: number): boolean =>
  malformed !== undefined && at < malformed.until;

/** An instant as a provider with this clock writes it. */
export const stated = ({ skewMs }: SimCall, at: number): string =>
  new Date(at + skewMs).toISOString();
