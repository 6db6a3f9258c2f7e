/** Something in `callwire.yaml` that a person should change. */
export interface Problem {
  /** Counted from 1. */
  line: number;
  column: number;
  /** The field, such as `connections[0].poll.every`; empty if it is about the file as a whole. */
  path: string;
  /** What is wrong with it. */
  message: string;
  /** What to write instead. */
  fix: string;
  /** The offending line with secrets hidden, and where in it the caret belongs (from 0). */
  excerpt: { text: string; caret: number };
}

/** `callwire.yaml` cannot be used. Carries everything that is wrong with it, sorted by line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => headline(file, problem)).join('\n'));
    this.file = file;
    this.problems = problems;
  }
}

type Told = Pick<ConfigError, 'file' | 'problems'>;

/** All problems for a terminal, each with its line and a caret; no secret is in it. */
export const formatProblems = ({ file, problems }: Told): string =>
  problems.map((problem) => `${headline(file, problem)}\n${quote(problem)}`).join('\n');

/** The same for what keeps a file from nothing, so that nobody looks for a refusal there. */
export const formatWarnings = ({ file, problems }: Told): string =>
  problems
    .map((problem) => `${headline(file, problem, 'warning: ')}\n${quote(problem)}`)
    .join('\n');

function headline(file: string, problem: Problem, mark = ''): string {
  const { line, column, path, message, fix } = problem;
  const field = path === '' ? '' : `${path}  `;
  return `${file}:${line}:${column}  ${mark}${field}${message}. ${fix}`;
}

function quote({ line, excerpt }: Problem): string {
  const margin = ' '.repeat(String(line).length);
  return `  ${line} | ${excerpt.text}\n  ${margin} | ${' '.repeat(excerpt.caret)}^\n`;
}
