import * as z from 'zod';
import { type CallwireFileOptions, readCallwireFile } from '../../lib/config/callwire-file.ts';
import { ConfigError, type Problem } from '../../lib/config/config-error.ts';
import { secretRefSchema } from '../../lib/config/settings.ts';

const common = { id: z.string(), fallback: z.string().optional() };
const options: CallwireFileOptions = {
  file: 'callwire.yaml',
  providers: ['hamsa', 'samva', 'solum', 'vozagent'].map((id) => ({
    id,
    statuses: { TERMINATED: { status: 'failed', reason: 'terminated' } },
    webhook: { scheme: id === 'vozagent' ? undefined : 'signed' },
  })),
  destinations: [
    {
      kind: 'slack',
      settings: z.strictObject({
        ...common,
        kind: z.literal('slack'),
        token: secretRefSchema,
        channel: z.string().regex(/^#/, { error: 'must be a channel name such as "#ops"' }),
      }),
    },
    {
      kind: 'webhook',
      settings: z.strictObject({
        ...common,
        kind: z.literal('webhook'),
        url: z.url({ error: 'is not a web address; write it in full' }),
        secret: secretRefSchema,
      }),
    },
  ],
};

/** A file without faults. */
export const GOOD = `connections:
  - id: clinic
    provider: hamsa
    key: env:HAMSA_API_KEY
    poll: { every: 1m, max: 16m }
    statusOverrides: { ODD: failed }
    share: { summary: false }
destinations:
  - { id: ops, kind: slack, token: env:SLACK_BOT_TOKEN, channel: "#voice", fallback: hook }
  - id: hook
    kind: webhook
    url: https://example.com/hook
    secret: env:HOOK_SECRET
routes:
  - id: failures
    when: { type: [call.failed], connection: clinic, reason: { not: [busy] } }
    to: [ops]
    continue: true
  - id: rest
    when: { provider: [hamsa, solum] }
    to: [hook]
alarms: { email: ops@example.com }
`;

/** The good file with one passage replaced; the passage has to be there. */
export function spoilt(passage: string, replacement: string): string {
  if (!GOOD.includes(passage)) throw new Error(`not in the good file: ${passage}`);
  return GOOD.replace(passage, () => replacement);
}

export const read = (text: string) => readCallwireFile(text, options);

/** What the reader throws at a bad file. */
export function refusal(text: string): ConfigError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

export const brief = ({ line, path, message, fix }: Problem) =>
  `${line} ${path}: ${message}. ${fix}`;
