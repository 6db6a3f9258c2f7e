import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { callwire, file, isPlain, reportIn, workFolder } from './callwire.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
const [config = '', ...others] = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, block = '']) => block,
);
const tests = others.find((block) => block.startsWith('cases:')) ?? '';

describe('callwire routes test', () => {
  const folder = workFolder();
  afterAll(folder.remove);
  file(folder.path, 'callwire.yaml', config);
  file(folder.path, 'routes.test.yaml', tests);
  const run = (...args: string[]) => callwire(['routes', 'test', ...args], { cwd: folder.path });

  it('passes with the README’s example, and says so', async () => {
    const { status, stdout } = await run();

    expect(stdout).toMatch(/^ok {4}a failed call .*\n(ok .*\n)+\d passed, 0 failed\.\n$/);
    expect(status).toBe(0);
  });

  it('passes with the example that its help shows', async () => {
    const { stdout } = await run('--help');
    const example = stdout.slice(stdout.indexOf('  cases:'), stdout.indexOf('Examples:'));
    file(folder.path, 'help.test.yaml', example);

    expect((await run('help.test.yaml')).status).toBe(0);
  });

  it('ends with 1 where an event goes elsewhere, and shows what was expected, what happened and why', async () => {
    const wrong = file(
      folder.path,
      'wrong.test.yaml',
      tests.replace('to: [crm, own]', 'to: [ops]'),
    );

    const { status, stdout, stderr } = await run(wrong);
    const report = reportIn(await run(wrong, '--json'));

    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(
      /FAIL {2}.*wrong\.test\.yaml:\d+\)\n +expected: ops\n +happened: crm, own\n +failures-to-ops +did not match: reason is "no_answer", and it asks for anything but "no_answer"\n/,
    );
    expect(isPlain(stdout)).toBe(true);
    expect(report).toMatchObject({ failed: 1 });
  });

  it('ends with 2 where a file cannot be read, and names line and fix', async () => {
    const bad = file(
      folder.path,
      'bad.test.yaml',
      'cases:\n  - { name: a, event: { type: call.fail }, to: [] }\n',
    );

    const { status, stderr } = await run(bad);

    expect([status, stderr]).toEqual([2, expect.stringContaining('bad.test.yaml:2:')]);
    expect(stderr).toContain('Did you mean "call.failed"?');
    expect(await run('none.yaml')).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('callwire explain', () => {
  const folder = workFolder();
  afterAll(folder.remove);
  file(folder.path, 'callwire.yaml', config);

  it('says of each route what it made of an event', async () => {
    const event = file(
      folder.path,
      'event.json',
      '{"type":"call.failed","call":{"reason":"no_answer"}}',
    );
    const args = ['explain', '--event', event];

    const { status, stdout } = await callwire(args, { cwd: folder.path });
    const report = reportIn(await callwire([...args, '--json'], { cwd: folder.path }));

    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'failures-to-ops      did not match: reason is "no_answer", and it asks for anything but "no_answer"',
        'outcomes-to-systems  matched: tells crm, own',
        'call.failed is told to: crm, own',
        '',
      ].join('\n'),
    );
    expect(report).toMatchObject({ destinations: ['crm', 'own'] });
  });

  it('reads the event from standard input', async () => {
    const { status, stdout } = await callwire(['explain'], {
      cwd: folder.path,
      input: '{"type":"connection.failing","connection":{"id":"clinic-riyadh"}}',
    });

    expect(status).toBe(0);
    expect(stdout).toContain('connection.failing is told to: ops\n');
  });

  it('names what is wrong with the event', async () => {
    const { status, stderr } = await callwire(['explain'], {
      cwd: folder.path,
      input: '{"type":"call.fail"}',
    });

    expect([status, stderr]).toEqual([2, expect.stringContaining('standard input:1:9  type')]);
  });
});
