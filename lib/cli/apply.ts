import { applyConfig, type ConfigDifference } from '../adapters/apply-config.ts';
import { documentClient } from '../adapters/aws-clients.ts';
import type { CallwireConfig } from '../config/callwire-file.ts';
import { orWithFix } from './aws-trouble.ts';
import { confirm } from './confirm.ts';
import { outputOf } from './deployment.ts';
import { EXIT } from './exit-status.ts';
import { readConfigFile } from './read-config.ts';
import { checkDeployable } from './secret-references.ts';
import { webhookLines } from './webhook-addresses.ts';

export interface ApplyOptions {
  readonly config: string;
  readonly stack: string;
  readonly controlTable?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** A difference as people read it: what comes, what changes, what goes. */
export const differenceLines = ({ added, changed, removed }: ConfigDifference): string[] => [
  ...added.map((name) => `+ ${name}`),
  ...changed.map((name) => `~ ${name}`),
  ...removed.map((name) => `- ${name}`),
];

/** Asks on a terminal. Elsewhere nobody could answer, and whoever wrote the script has decided. */
async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  return confirm('Write this?');
}

/** Where providers are to send webhooks; nothing where none are taken, or only the table was named. */
async function addresses(
  config: CallwireConfig,
  { stack, controlTable }: ApplyOptions,
): Promise<string[]> {
  if (controlTable !== undefined || config.connections.every(({ webhook }) => !webhook)) return [];
  const url = await orWithFix(outputOf(stack, 'WebhookUrl'));
  const deployment = await orWithFix(outputOf(stack, 'Deployment'));
  return webhookLines(config, { url, deployment });
}

/** Makes the Control table of a deployment say what the file says. Returns the exit status. */
export async function apply(options: ApplyOptions): Promise<number> {
  const { config: file, stack, controlTable, dryRun, yes, json } = options;
  const config = readConfigFile(file);
  checkDeployable(config);

  const client = documentClient();
  const table = controlTable ?? (await orWithFix(outputOf(stack, 'ControlTableName')));
  const difference = await orWithFix(applyConfig(client, table, config.source, { dryRun: true }));
  const lines = differenceLines(difference);
  const say = json ? console.error : console.log;
  for (const line of lines) say(line);

  const wants = !dryRun && lines.length > 0;
  const written = wants && (yes || (await isConfirmed()));
  if (written) await orWithFix(applyConfig(client, table, config.source));
  for (const line of await addresses(config, options)) say(line);
  if (json) console.log(JSON.stringify({ ...difference, written }));
  else if (lines.length === 0) say('Nothing to change.');
  else if (written) say('Written. It is followed within a minute.');
  else say('Nothing was written.');
  return EXIT.allIsWell;
}
