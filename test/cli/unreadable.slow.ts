import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../lib/local/database.ts';
import { startHamsaStandIn } from '../support/hamsa-stand-in.ts';
import type { Listening } from '../support/listen.ts';
import { callwire, type Ended, file, reportIn, workFolder } from './callwire.ts';

const ENV = { HAMSA_KEY: 'right' };
const NUMBER = '+966501234567';

describe('stored calls that cannot be read', () => {
  const folder = workFolder();
  const data = join(folder.path, 'data');
  const ended: Record<string, Ended> = {};
  let hamsa: Listening;

  const spoil = () => {
    const db = openDatabase(join(data, 'callwire.db'));
    const { changes } = db
      .prepare(`UPDATE dynamodb_row
        SET item = json_set(item, '$.revision', json('{"S":"odd"}'), '$.said', json_object('S', ?))
        WHERE item ->> '$.pk.S' IN ('clinic#b', 'clinic#c') AND item ->> '$.revision.N' IS NOT NULL`)
      .run('nothing');
    db.prepare(`UPDATE dynamodb_row SET item = json_set(item, '$.said.S', ?)
      WHERE item ->> '$.pk.S' = 'clinic#b' AND item ->> '$.said.S' IS NOT NULL`).run(NUMBER);
    db.close();
    expect(changes).toBe(2);
  };

  beforeAll(async () => {
    const createdAt = new Date(Date.now() - 60_000).toISOString();
    hamsa = await startHamsaStandIn(ENV.HAMSA_KEY, () =>
      ['a', 'b', 'c'].map((id) => ({ id, createdAt, status: 'COMPLETED', duration: 7 })),
    );
    const yaml = file(
      folder.path,
      'callwire.yaml',
      `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, baseUrl: "${hamsa.url}", firstRun: all }
`,
    );
    const local = ['--data', data, '--json'];
    const command = async (name: string, ...args: string[]) => {
      ended[`${name} ${args.at(-1)}`] = await callwire([name, ...args, ...local], { env: ENV });
    };
    await command('run', '--config', yaml, '--seconds', '6');
    spoil();
    const day = (offset: number) =>
      new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const of = ['--config', yaml, '--connection', 'clinic'];
    const range = [...of, '--from', day(-1), '--to', day(2)];
    await command('republish', ...range);
    await command('replay', ...range);
    await command('replay', ...range, '--dry-run');
    await command('remap', ...of, '--dry-run');
    await command('forget', '--number', NUMBER, '--dry-run');
    await command('forget', '--number', NUMBER, '--yes');
  }, 180_000);

  afterAll(() => {
    hamsa?.close();
    folder.remove();
  });

  const endOf = (name: string): Ended => {
    const [, end] = Object.entries(ended).find(([each]) => each.startsWith(name)) ?? [];
    if (!end) throw new Error(`${name} was not run`);
    return end;
  };

  it.each(['republish', 'replay 2', 'replay --dry-run', 'remap --dry-run'])(
    'do not end %s: they are named, counted and a reason to look',
    (name) => {
      const { status, stderr } = endOf(name);

      expect([status, stderr]).toEqual([1, expect.stringContaining('clinic/b cannot be read')]);
      expect(stderr).toContain('clinic/c cannot be read');
      expect(stderr).not.toContain(NUMBER);
      expect(reportIn(endOf(name))).toMatchObject({ unreadable: 2 });
    },
  );

  it('do not keep the others from being announced', () => {
    expect(reportIn(endOf('republish'))).toMatchObject({ calls: 1, refused: 0, drained: true });
  });

  it('are forgotten where the number is in them, and else named', () => {
    expect(reportIn(endOf('forget --dry-run'))).toMatchObject({
      ...{ calls: [{ connection: 'clinic', id: 'b' }], unreadable: 1, mayHold: 0 },
    });
    const { status, stderr } = endOf('forget --yes');

    expect(status).toBe(1);
    expect(stderr).toContain('clinic/c cannot be read, but the number is not in it');
    expect(reportIn(endOf('forget --yes'))).toMatchObject({
      calls: [{ id: 'b', wasStored: true }],
      ...{ left: 0, unreadable: 1, mayHold: 0 },
    });
  });
});
