import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareLooking } from '../../lib/cli/commands/looking.ts';
import { declareRepairing } from '../../lib/cli/commands/repairing.ts';
import { declareRouting } from '../../lib/cli/commands/routing.ts';
import { declareRunning } from '../../lib/cli/commands/running.ts';
import { declareSettingUp } from '../../lib/cli/commands/setting-up.ts';
import { declareWebhooks } from '../../lib/cli/commands/webhooks.ts';

const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');

/** Each `callwire …` that the runbook tells people to type, without what is in quotes. */
const typed = [...runbook.matchAll(/(?:npx |`)callwire ([a-z][^`\n#;]*)/g)].map(([, words = '']) =>
  words.replaceAll(/"[^"]*"/g, 'VALUE').trim(),
);

function program(): Command {
  const callwire = new Command('callwire');
  for (const declare of [
    declareSettingUp,
    declareRunning,
    declareLooking,
    declareRouting,
    declareRepairing,
    declareWebhooks,
  ]) {
    declare(callwire);
  }
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
