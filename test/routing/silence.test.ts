import { describe, expect, it } from 'vitest';
import { type Silence, silenceFor } from '../../lib/routing/silence.ts';
import { silenceFrom } from '../../lib/routing/silence-request.ts';
import { callEvent } from './events.ts';

const NOW = new Date('2026-01-31T09:00:00.000Z');
const REASONS = { 'call.reason': ['busy', 'no_answer'] };

const asked = (when: readonly string[]) =>
  silenceFrom(
    { when, to: ['ops'], forMs: 3_600_000, author: 'Rana', comment: 'works' },
    REASONS,
    NOW,
  );

describe('a silence from the command line', () => {
  it('is in force from now until its time is over', () => {
    const silence = asked(['connection: clinic', 'reason: [busy, no_answer]']);
    const heard = (at: string) => silenceFor(callEvent(), 'ops', [silence], new Date(at))?.id;

    expect(silence).toMatchObject({
      when: { connection: 'clinic', reason: ['busy', 'no_answer'] },
      createdAt: '2026-01-31T09:00:00.000Z',
      until: '2026-01-31T10:00:00.000Z',
    });
    expect(heard('2026-01-31T09:59:59.999Z')).toBe(silence.id);
    expect(heard('2026-01-31T10:00:00.000Z')).toBeUndefined();
  });

  it('of everything keeps one destination quiet, and no other', () => {
    const silences: Silence[] = [asked([])];

    expect(silenceFor(callEvent(), 'ops', silences, NOW)).toBe(silences[0]);
    expect(silenceFor(callEvent(), 'crm', silences, NOW)).toBeUndefined();
  });

  it.each([
    ['a field that no event has', ['conection: clinic'], /--when:1:1 {2}conection .*connection/],
    ['a reason that nothing has', ['reason: bussy'], /--when:1:\d+ {2}reason .*busy/],
    ['no condition at all', ['clinic'], /--when:1:1/],
    ['one field twice', ['reason: busy', 'reason: no_answer'], /--when:2:1/],
  ])('is refused for %s, with what to write instead', (_what, when, message) => {
    expect(() => asked(when)).toThrow(message);
  });
});
