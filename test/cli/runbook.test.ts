import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareCommands } from '../../lib/cli/commands/declare-commands.ts';

const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');

/** Each `callwire …` that the runbook tells people to type, without what is in quotes. */
const typed = [...runbook.matchAll(/(?:npx |`)callwire ([a-z][^`\n#;]*)/g)].map(([, words = '']) =>
  words.replaceAll(/"[^"]*"/g, 'VALUE').trim(),
);

function program(): Command {
  const callwire = new Command('callwire');
  declareCommands(callwire);
  return callwire;
}

/** The command that words begin with: of a group, the one within. */
function commandOf(words: readonly string[]): Command {
  let command = program();
  for (const word of words) {
    const within = command.commands.find((each) => each.name() === word);
    if (within === undefined) break;
    command = within;
  }
  return command;
}

describe('the runbook', () => {
  it('tells people to type something', () => {
    expect(typed.length).toBeGreaterThan(8);
  });

  it.each(typed)('says `callwire %s`, which is a command with these options', (words) => {
    const [name, ...rest] = words.split(/\s+/);
    const command = commandOf(words.split(/\s+/));

    expect([command.name(), command.parent?.name()]).toContain(name);
    const options = command.options.map(({ long }) => long);
    const named = rest.filter((word) => word.startsWith('--'));
    expect(named.filter((option) => !options.includes(option))).toEqual([]);
  });
});
