import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { callwire, file, reportIn, workFolder } from './callwire.ts';

describe('callwire init', () => {
  const folder = workFolder();
  afterAll(folder.remove);
  const init = (args: readonly string[], input?: string) =>
    callwire(['init', ...args], { cwd: folder.path, ...(input === undefined ? {} : { input }) });
  const text = (name: string) => readFileSync(join(folder.path, name), 'utf8');

  it('writes a file that check reads, and names what to set', async () => {
    const said = ['--provider', 'hamsa', '--connection', 'clinic', '--set', 'slack.channel=#ops'];

    const written = await init(['--yes', ...said, '--json']);
    const checked = await callwire(['check', '--json'], { cwd: folder.path });

    expect(written.status).toBe(0);
    expect(reportIn(written)).toEqual({
      file: 'callwire.yaml',
      variables: ['HAMSA_API_KEY', 'SLACK_BOT_TOKEN'],
      secrets: [],
    });
    expect(reportIn(checked).findings).toMatchObject([
      { subject: 'callwire.yaml', state: 'ok' },
      { subject: 'connections/clinic', fix: 'Set it first: export HAMSA_API_KEY=…' },
      { subject: 'destinations/ops', fix: 'Set it first: export SLACK_BOT_TOKEN=…' },
      {},
      {},
    ]);
  });

  it('leaves a file that is there as it is, but for --force', async () => {
    file(folder.path, 'mine.yaml', 'mine');
    const args = ['--yes', '--provider', 'hamsa', '--config', 'mine.yaml'];

    const refused = await init(args);
    const before = text('mine.yaml');
    const forced = await init([...args, '--force']);

    expect([refused.status, before]).toEqual([2, 'mine']);
    expect(refused.stderr).toContain('replace it with --force');
    expect(forced.status).toBe(0);
    expect(text('mine.yaml')).toContain('provider: hamsa');
  });

  it('takes answers from a pipe, and leaves nothing behind where one is wrong', async () => {
    const piped = await init(['--config', 'piped.yaml'], 'vozagent\nagency\n');
    const wrong = await init(['--config', 'wrong.yaml'], 'vozagent\nMy Agency\n');

    expect(piped.status).toBe(0);
    expect(text('piped.yaml')).toContain('key: env:VOZAGENT_API_KEY');
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(readdirSync(folder.path).filter((name) => /wrong|draft/.test(name))).toEqual([]);
  });
});
