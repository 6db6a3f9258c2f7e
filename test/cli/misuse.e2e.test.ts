import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { callwire, file, isPlain, workFolder } from './callwire.ts';

const CONFIG = `connections:
  - id: clinic
    provider: hamza
    key: env:HAMSA_KEY
`;

describe('callwire, misunderstood', () => {
  const folder = workFolder();
  afterAll(folder.remove);
  const data = join(folder.path, 'data');

  it('names line and fix of an invalid configuration, and starts nothing', async () => {
    const config = file(folder.path, 'callwire.yaml', CONFIG);

    const { status, stdout, stderr } = await callwire(['run', '--config', config, '--data', data]);

    expect(status).toBe(2);
    expect(stderr).toContain('callwire.yaml:3:15  connections[0].provider');
    expect(stderr).toContain('Did you mean "hamsa"?');
    expect(stderr).not.toContain('synthesizing');
    expect(stdout).toBe('');
    expect(existsSync(data)).toBe(false);
  });

  it('names every variable that is not set, and starts nothing', async () => {
    const config = file(folder.path, 'unset.yaml', CONFIG.replace('hamza', 'hamsa'));

    const { status, stderr } = await callwire(['run', '--config', config, '--data', data]);

    expect(status).toBe(2);
    expect(stderr).toContain('export HAMSA_KEY=');
    expect(existsSync(data)).toBe(false);
  });

  it('says what to do when there is no configuration', async () => {
    const { status, stderr } = await callwire(['run']);

    expect([status, stderr]).toEqual([2, expect.stringContaining('There is no readable file')]);
  });

  it.each([
    [['demo', '--second', '5'], '(Did you mean --seconds?)'],
    [['rnu'], '(Did you mean run?)'],
    [['demo', 'now'], 'too many arguments'],
    [['demo', '--seconds=2m'], 'Write a number of seconds'],
    [['export'], '--format <format>, --from <time>, --to <time>'],
    [
      ['republish', '--connection', 'clinic', '--from', 'today', '--to', '2026-01-31'],
      '2026-01-31',
    ],
    [
      ['republish', '--connection', 'c', '--from', '2026-01-02', '--to', '2026-01-01'],
      'not before',
    ],
    [['republish', '--connection', 'c', '--from', '1926-01-02', '--to', '2026-01-01'], '400 days'],
  ])('refuses %j with a hint', async (args, hint) => {
    const { status, stderr } = await callwire(args);

    expect([status, stderr]).toEqual([2, expect.stringContaining(hint)]);
    expect(stderr).not.toContain('    at ');
  });

  it('says on an older Node what is needed, with the status of what cannot be done', () => {
    const { href } = new URL('../../lib/cli/require-node.mjs', import.meta.url);
    const asOlder = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' });
      await import('${href}');`;

    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', asOlder], {
      encoding: 'utf8',
    });

    expect([status, stderr]).toEqual([2, expect.stringContaining('Callwire needs Node 24')]);
  });

  it('explains itself with examples and what the exit status means', async () => {
    const { status, stdout } = await callwire(['--help']);

    expect(status).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ np[mx] /);
    expect(stdout).toMatch(/Exit status:\n {2}0 +all is well\n {2}1 .*\n {2}2 .*\n {2}130 /);
    expect(isPlain(stdout)).toBe(true);
  });
});
