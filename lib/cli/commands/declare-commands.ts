import type { Command } from 'commander';
import { declareLooking } from './looking.ts';
import { refuseWhatIsMissing } from './options.ts';
import { declareRepairing } from './repairing.ts';
import { declareRouting } from './routing.ts';
import { declareRunning } from './running.ts';
import { declareSettingUp } from './setting-up.ts';
import { declareWebhooks } from './webhooks.ts';

/** Gives a program all commands, in the order of its help. */
export function declareCommands(program: Command): void {
  for (const declare of [
    declareSettingUp,
    declareRunning,
    declareLooking,
    declareRouting,
    declareRepairing,
    declareWebhooks,
  ]) {
    declare(program);
  }
  refuseWhatIsMissing(program);
}
