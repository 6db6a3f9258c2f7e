import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { providers } from '../../lib/providers/index.ts';
import { reasonsOf } from '../../lib/routing/reasons.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('the reasons that routes may ask for', () => {
  it('of calls are those of the providers’ status words, and of connections’ own', () => {
    const connections = [
      { statusOverrides: { A: 'busy', B: { status: 'failed', reason: 'rain' } } },
      { statusOverrides: 'nonsense' },
      null,
    ];

    const reasons = reasonsOf(connections, providers)['call.reason'];

    expect(reasons?.toSorted()).toEqual([
      'busy',
      'canceled',
      'no_answer',
      'provider.error',
      'rain',
      'terminated',
    ]);
  });

  it('of connections are all that reading a call list can end in', () => {
    const files = globSync('lib/{http.ts,errors.ts,adapters/secrets.ts,polling/*.ts}', {
      cwd: ROOT,
    });
    const code = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
    const given =
      /(?:PermanentError\(\s*|TransientError\([^;]*?reason: |readonly reason = |options\.reason \?\? )'(\w+)'/g;
    const reasons = [...code.matchAll(given)].map(([, reason = '']) => reason);

    expect(new Set(reasons).size).toBeGreaterThan(8);
    expect(reasonsOf([], [])['connection.reason']).toEqual(expect.arrayContaining(reasons));
  });
});
