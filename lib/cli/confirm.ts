import { createInterface } from 'node:readline/promises';

/** Asks on a terminal; only a yes is one. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    // Ctrl-D closes it, and Ctrl-C refuses to answer: neither is a yes.
    terminal.once('close', () => resolve('no'));
    terminal.question(`${question} (y/n) `).then(resolve, () => resolve('no'));
  });
  terminal.close();
  return /^y(es)?$/i.test(answer);
}
