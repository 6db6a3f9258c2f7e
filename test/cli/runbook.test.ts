import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareRepairing } from '../../lib/cli/commands/repairing.ts';
import { declareRouting } from '../../lib/cli/commands/routing.ts';
import { declareRunning } from '../../lib/cli/commands/running.ts';
import { declareSettingUp } from '../../lib/cli/commands/setting-up.ts';

const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');

/** Each `callwire …` that the runbook tells people to type, without what is in quotes. */
const typed = [...runbook.matchAll(/(?:npx |`)callwire ([a-z][^`\n#;]*)/g)].map(([, words = '']) =>
  words.replaceAll(/"[^"]*"/g, 'VALUE').trim(),
);

function commands(): Map<string, Command> {
  const program = new Command('callwire');
  for (const declare of [declareSettingUp, declareRunning, declareRouting, declareRepairing]) {
    declare(program);
  }
  return new Map(program.commands.map((command) => [command.name(), command]));
}

describe('the runbook', () => {
  it('tells people to type something', () => {
    expect(typed.length).toBeGreaterThan(8);
  });

  it.each(typed)('says `callwire %s`, which is a command with these options', (words) => {
    const [name = '', ...rest] = words.split(/\s+/);
    const command = commands().get(name);

    expect(command?.name()).toBe(name);
    const options = command?.options.map(({ long }) => long) ?? [];
    const named = rest.filter((word) => word.startsWith('--'));
    expect(named.filter((option) => !options.includes(option))).toEqual([]);
  });
});
