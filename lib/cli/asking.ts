/** Something to be answered. */
export interface Question {
  readonly ask: string;
  /** How to answer it without being asked. */
  readonly flag: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface TextRules {
  /** What is taken when nothing is written; undefined: something has to be. */
  readonly otherwise?: string | undefined;
  readonly example?: string | undefined;
  /** What is wrong with a text, and what to write instead. Never quotes it: it may be a key. */
  problem(text: string): string | undefined;
}

/** Who answers, whatever is between: a terminal, lines of a pipe, or nobody. */
export interface Asker {
  choose(question: Question, choices: readonly Choice[], otherwise?: string): Promise<string>;
  /** Any number of them. */
  several(question: Question, choices: readonly Choice[]): Promise<readonly string[]>;
  text(question: Question, rules: TextRules): Promise<string>;
  confirm(question: Question, otherwise: boolean): Promise<boolean>;
}

/** Whoever was asked has left. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}
