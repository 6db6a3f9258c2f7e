/** What a check found out about one thing. */
export interface CheckFinding {
  /** `warning`: it works, but hardly as meant. */
  readonly state: 'ok' | 'warning' | 'wrong';
  /** What was looked at, in a word: `key`, `list`, `channel`. */
  readonly what: string;
  /** What showed. Never holds a secret or what a person said. */
  readonly why: string;
  /** What a person can do about it; undefined where nothing has to be done. */
  readonly fix?: string | undefined;
}

export const ok = (what: string, why: string): CheckFinding => ({ state: 'ok', what, why });

export const warning = (what: string, why: string, fix: string): CheckFinding => ({
  state: 'warning',
  what,
  why,
  fix,
});

export const wrong = (what: string, why: string, fix: string): CheckFinding => ({
  state: 'wrong',
  what,
  why,
  fix,
});
