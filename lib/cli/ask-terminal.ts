import type { Readable, Writable } from 'node:stream';
import { type CANCEL_SYMBOL, confirm, isCancel, multiselect, select, text } from '@clack/prompts';
import { type Asker, InterruptedError } from './asking.ts';

/** @throws InterruptedError at Ctrl-C */
async function answered<T>(asking: Promise<T | typeof CANCEL_SYMBOL>): Promise<T> {
  const answer = await asking;
  if (isCancel(answer)) throw new InterruptedError();
  return answer;
}

/** A person at a terminal. */
export function askTerminal(input: Readable, output: Writable): Asker {
  const io = { input, output };
  return {
    choose: ({ ask: message }, choices, initialValue) =>
      answered(select({ ...io, message, options: [...choices], initialValue })),
    several: ({ ask: message }, choices) =>
      answered(multiselect({ ...io, message, options: [...choices], required: false })),
    text: async ({ ask: message }, { otherwise, example, problem }) => {
      const validate = (written: string | undefined) => problem(written || (otherwise ?? ''));
      const placeholder = otherwise || example;
      const asking = text({ ...io, message, defaultValue: otherwise, placeholder, validate });
      return (await answered(asking)).trim();
    },
    confirm: ({ ask: message }, initialValue) =>
      answered(confirm({ ...io, message, initialValue })),
  };
}
