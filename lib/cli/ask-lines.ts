import type { Asker, Question } from './asking.ts';
import { UserError } from './failure.ts';

/**
 * Answers that were written before: a line for each question in turn. An empty line, and what is behind the
 * last one, takes what is proposed.
 *
 * @throws UserError where nothing is proposed, or an answer is none
 */
export function askLines(lines: readonly string[], say: (question: string) => void): Asker {
  const rest = lines.values();
  const next = ({ ask }: Question): string => {
    const line = rest.next().value?.trim() ?? '';
    say(ask);
    return line;
  };
  const refuse = ({ ask, flag }: Question, problem: string): never => {
    throw new UserError(`${ask} ${problem} Say it with ${flag}.`);
  };
  const among = (question: Question, written: string, values: readonly string[]): string =>
    values.includes(written) ? written : refuse(question, `Write one of: ${values.join(', ')}.`);

  return {
    choose: async (question, choices, otherwise = '') => {
      const values = choices.map(({ value }) => value);
      return among(question, next(question) || otherwise, values);
    },
    several: async (question, choices) => {
      const values = choices.map(({ value }) => value);
      const written = next(question)
        .split(/[\s,]+/)
        .filter((word) => word !== '');
      return written.map((word) => among(question, word, values));
    },
    text: async (question, { otherwise, problem }) => {
      const written = next(question) || otherwise;
      if (written === undefined) return refuse(question, 'Nobody said.');
      const found = problem(written);
      return found === undefined ? written : refuse(question, found);
    },
    confirm: async (question, otherwise) => {
      const written = next(question).toLowerCase();
      if (written === '') return otherwise;
      return among(question, written, ['y', 'yes', 'n', 'no']).startsWith('y');
    },
  };
}
