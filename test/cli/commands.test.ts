import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareCommands } from '../../lib/cli/commands/declare-commands.ts';
import { seconds } from '../../lib/cli/commands/options.ts';

const program = new Command('callwire');
declareCommands(program);

/** A command and those below it, by what is typed. */
const below = (command: Command, typed: string): [typed: string, command: Command][] => [
  [typed, command],
  ...command.commands.flatMap((each) => below(each, `${typed} ${each.name()}`)),
];

const commands = program.commands.flatMap((command) => below(command, command.name()));

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  return help;
}

describe('the commands', () => {
  it('are those that an operator needs, and more than twenty', () => {
    const names = commands.map(([typed]) => typed);

    expect(names.length).toBeGreaterThan(20);
    expect(names).toEqual(expect.arrayContaining(['run', 'calls show', 'webhooks retake']));
  });

  it.each(commands)(
    'callwire %s has examples, and says what the exit status means',
    (_, command) => {
      const help = helpOf(command);

      expect(help).toMatch(/Examples:\n {2}\$ np[mx] /);
      expect(help).toMatch(/Exit status:\n {2}0 +all is well\n {2}1 .*\n {2}2 .*\n {2}130 /);
    },
  );

  it.each(commands)('callwire %s has examples that begin with its own name', (typed, command) => {
    const examples = helpOf(command).match(/^ {2}\$ .*$/gm) ?? [];
    const alsoBelow = command.commands.map((each) => `${typed} ${each.name()}`);

    for (const example of examples) {
      const isOwn = [typed, ...alsoBelow].some((name) =>
        new RegExp(`(npx callwire|npm run) ${name}( |$)`).test(example),
      );
      expect(isOwn, example).toBe(true);
    }
  });
});

describe('a number of seconds', () => {
  it.each(['0', '-1', '1,5', '2m', '1e9', '', '0x10'])('is not %j', (text) => {
    expect(() => seconds(text)).toThrow('Write a number of seconds');
  });

  it.each([
    ['40', 40],
    ['2.5', 2.5],
  ])('is %s', (text, value) => {
    expect(seconds(text)).toBe(value);
  });
});
