/**
 * One thing a simulator insists on. `documented`: the vendor's page at `source` says so. `believed`:
 * it follows from a sample, from reports of users, or is our own strictness; `source` says which.
 */
export interface Rule {
  readonly rule: string;
  readonly source: string;
  readonly certainty: 'documented' | 'believed';
}

export function documented(rule: string, source: string): Rule {
  return { rule, source, certainty: 'documented' };
}

export function believed(rule: string, source: string): Rule {
  return { rule, source, certainty: 'believed' };
}
