import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../lib/calls/call.ts';
import {
  latestEnd,
  materialChanges,
  mergeCalls,
  nextVersion,
  type Observation,
  type StoredCall,
  staleVersion,
} from '../../lib/calls/version.ts';
import { aCall, FAILED, look, NOW, OPEN, policy, STALE } from '../support/calls.ts';

const apply = (looks: readonly Observation[], before?: StoredCall) =>
  looks.reduce<StoredCall | undefined>(
    (stored, seen) => nextVersion(stored, seen, policy()) ?? stored,
    before,
  );

/** The stored call after these looks. */
function storedAfter(...looks: readonly Observation[]): StoredCall {
  const stored = apply(looks);
  if (!stored) throw new Error('Nothing was looked at');
  return stored;
}

describe('the path', () => {
  const via = (path: 'hint' | 'webhook') => policy({ via: path });

  it('is that of the look that showed the end first, whatever came before and after', () => {
    const open = nextVersion(undefined, look(0, OPEN), via('webhook'));
    const ended = nextVersion(open, look(1), via('hint'));
    const updated = nextVersion(ended, look(2, { summary: 'A' }), policy());

    expect([ended?.via, updated?.via]).toEqual(['hint', 'hint']);
    expect(storedAfter(look(0, OPEN), look(1)).via).toBe('poll');
    expect(nextVersion(undefined, look(0), via('webhook'))?.via).toBe('webhook');
  });

  it('of a webhook adds to a final call, and changes nothing of it', () => {
    const stored = storedAfter(look(0, { durationSeconds: 3, attributes: { title: 'A' } }));
    const told = {
      ...FAILED,
      durationSeconds: 9,
      summary: 'B',
      attributes: { title: 'C', plan: 'D' },
    };

    expect(nextVersion(stored, look(1, told), via('webhook'))).toMatchObject({
      call: {
        outcome: 'completed',
        reason: null,
        durationSeconds: 3,
        summary: 'B',
        attributes: { title: 'A', plan: 'D' },
      },
      changes: ['summary', 'attributes.plan'],
    });
    expect(nextVersion(stored, look(1, FAILED), via('webhook'))).toBeUndefined();
    expect(nextVersion(stored, look(1, FAILED), via('hint'))?.call.outcome).toBe('failed');
  });
});

describe('a version', () => {
  it('has revision 0 while the call is open and 1 when it is final', () => {
    expect(storedAfter(look(0, OPEN)).revision).toBe(0);
    expect(storedAfter(look(0, OPEN), look(1)).revision).toBe(1);
    expect(storedAfter(look(0)).revision).toBe(1);
  });

  it('is made of a material change after the end, and says what changed', () => {
    const stored = storedAfter(look(0), look(1, { summary: 'A', attributes: { title: 'B' } }));

    expect(stored).toMatchObject({
      version: 2,
      revision: 2,
      changes: ['summary', 'attributes.title'],
    });
  });

  it.each<[string, Partial<Call>]>([
    ['the provider’s own word', { providerStatus: 'DONE' }],
    ['an instant', { answeredAt: '2026-11-20T11:59:00.000Z', endedAt: NOW.toISOString() }],
    ['the agent’s name', { agent: { id: null, name: 'A' } }],
    ['nothing', {}],
  ])('is not made when what changed is %s', (_what, facts) => {
    expect(nextVersion(storedAfter(look(0)), look(1, facts), policy())).toBeUndefined();
  });

  it('is made when a link appears, not when a signature in it changes', () => {
    const signed = (by: string) => ({ recordingUrl: `https://a.example/1.mp3?signature=${by}` });
    const stored = storedAfter(look(0), look(1, signed('a')));

    expect(stored.changes).toEqual(['recordingUrl']);
    expect(nextVersion(stored, look(2, signed('b')), policy())).toBeUndefined();
  });

  it('is not made of an observation that is older than, or as old as, what is stored', () => {
    const stored = storedAfter(look(5));

    expect(nextVersion(stored, look(4, FAILED), policy())).toBeUndefined();
    expect(nextVersion(stored, look(5, FAILED), policy())).toBeUndefined();
  });

  it('drops the reason of a failure that turned out to be none', () => {
    expect(storedAfter(look(0, FAILED), look(1)).call.reason).toBeNull();
  });

  it('lists each outcome once, however often it flips', () => {
    const stored = storedAfter(look(0, FAILED), look(1), look(2, FAILED), look(3));

    expect(stored.revision).toBe(4);
    expect(stored.outcomes).toEqual([
      { outcome: 'failed', revision: 1 },
      { outcome: 'completed', revision: 2 },
    ]);
  });

  it('estimates the end of its call from what is told', () => {
    expect(latestEnd(look(0, { durationSeconds: 100 }))).toBe('2026-11-20T11:59:40.000Z');
    expect(latestEnd(look(0, { createdAt: null }))).toBeNull();
  });
});

describe('silence', () => {
  const ended = (at: string) => look(0, { endedAt: at });
  const baseline = policy({ baselineAt: '2026-11-20T11:00:00.000Z' });
  const isSilent = (seen: Observation, rules = baseline) =>
    nextVersion(undefined, seen, rules)?.silent;

  it('is for calls that ended before the baseline, to the millisecond', () => {
    expect(isSilent(ended('2026-11-20T10:59:59.999Z'))).toBe(true);
    expect(isSilent(ended('2026-11-20T11:00:00.000Z'))).toBe(false);
  });

  it('is for calls that are first seen longer than announceWithin after their end, and they are late', () => {
    const week = policy();

    expect(isSilent(ended('2026-11-13T12:00:00.000Z'), week)).toBe(false);
    expect(nextVersion(undefined, ended('2026-11-13T11:59:59.999Z'), week)).toMatchObject({
      silent: true,
      late: true,
    });
  });

  it('is not for a call that was open when it was first seen, however long ago it began', () => {
    const open = look(0, { ...OPEN, createdAt: '2026-01-01T00:00:00.000Z' });
    const stored = nextVersion(undefined, open, baseline);

    expect(stored?.silent).toBe(false);
    expect(nextVersion(stored, look(1), baseline)?.silent).toBe(false);
  });

  it('is not for a call of which no end can be told', () => {
    expect(isSilent(look(0, { createdAt: null }))).toBe(false);
  });

  it('lasts over later changes', () => {
    const stored = nextVersion(undefined, ended('2026-11-20T10:00:00.000Z'), baseline);

    expect(nextVersion(stored, look(1, { summary: 'Late' }), baseline)?.silent).toBe(true);
  });
});

describe('a stale version', () => {
  it('is made once, of an open call only, and does not hinder the end', () => {
    const stale = staleVersion(storedAfter(look(0, OPEN)), STALE);

    expect(stale).toMatchObject({ version: 2, revision: 0, staleAt: NOW.toISOString() });
    expect(stale && staleVersion(stale, STALE)).toBeUndefined();
    expect(staleVersion(storedAfter(look(0)), STALE)).toBeUndefined();
    expect(apply([look(1)], stale)).toMatchObject({ revision: 1, staleAt: NOW.toISOString() });
  });

  it('comes only when the age is passed, and silently when nobody would call it news', () => {
    const open = storedAfter(look(0, OPEN));

    expect(staleVersion(open, { ...STALE, maxAgeMs: 120_000 })).toBeUndefined();
    expect(staleVersion(open, { ...STALE, announceWithinMs: 60_000 })?.silent).toBe(false);
    expect(staleVersion(open, { ...STALE, announceWithinMs: 59_999 })?.silent).toBe(true);
  });
});

const words = fc.constantFrom(
  { outcome: 'open', status: 'queued', reason: null } as const,
  OPEN,
  { outcome: 'completed', status: 'completed', reason: null } as const,
  { outcome: 'completed', status: 'transferred', reason: null } as const,
  FAILED,
  { outcome: 'failed', status: 'no_answer', reason: 'no_answer' } as const,
);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const text = optional(fc.constantFrom('a', 'b'));

/** Looks at one call, each at a second of its own. */
const looks = fc
  .array(
    fc.record({
      word: words,
      summary: text,
      from: text,
      recordingUrl: optional(fc.constantFrom('https://a.example/1?s=1', 'https://a.example/1?s=2')),
      durationSeconds: optional(fc.nat(3)),
      attributes: fc.dictionary(fc.constantFrom('x', 'y'), fc.nat(2), { maxKeys: 2 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((seen) => seen.map(({ word, ...facts }, second) => look(second, { ...word, ...facts })));

const shuffled = looks.chain((inOrder) =>
  fc
    .shuffledSubarray(inOrder, { minLength: inOrder.length })
    .map((anyOrder) => [inOrder, anyOrder] as const),
);

/** Each version on the way, with the one before it. */
function steps(seen: readonly Observation[]): [StoredCall | undefined, StoredCall][] {
  const made: [StoredCall | undefined, StoredCall][] = [];
  let stored: StoredCall | undefined;
  for (const one of seen) {
    const next = nextVersion(stored, one, policy());
    if (next) made.push([stored, next]);
    stored = next ?? stored;
  }
  return made;
}

const transitions = shuffled.map(([, anyOrder]) => steps(anyOrder));

describe('whatever is seen, in whatever order', () => {
  const always = (what: (before: StoredCall, next: StoredCall) => void) =>
    fc.assert(
      fc.property(transitions, (made) => {
        for (const [before, next] of made) if (before) what(before, next);
      }),
    );

  it('a final call never becomes open again', () => {
    always((before, next) => {
      if (before.call.outcome !== 'open') expect(next.call.outcome).not.toBe('open');
    });
  });

  it('time never runs backwards', () => {
    always((before, next) => expect(next.seenAt > before.seenAt).toBe(true));
  });

  it('versions go up by one, and revisions by one from the first final version on', () => {
    always((before, next) => {
      expect(next.version).toBe(before.version + 1);
      expect(next.revision).toBe(next.call.outcome === 'open' ? 0 : before.revision + 1);
    });
  });

  it('outcomes are only added to, never twice', () => {
    always((before, next) => {
      expect(next.outcomes.slice(0, before.outcomes.length)).toEqual(before.outcomes);
      expect(new Set(next.outcomes.map(({ outcome }) => outcome)).size).toBe(next.outcomes.length);
    });
  });

  it('null never replaces a value, but for the reason, which belongs to the status', () => {
    always(({ call: before }, { call: next }) => {
      for (const field of ['summary', 'from', 'recordingUrl', 'durationSeconds'] as const) {
        if (before[field] !== null) expect(next[field]).not.toBeNull();
      }
      expect(next.attributes).toMatchObject(
        Object.fromEntries(Object.keys(before.attributes).map((name) => [name, expect.anything()])),
      );
    });
  });

  it('each version differs materially from the one before', () => {
    always((before, next) => expect(materialChanges(before.call, next.call)).not.toEqual([]));
  });

  it('seeing something again changes nothing', () => {
    fc.assert(
      fc.property(looks, (seen) => {
        const stored = apply(seen);
        expect(apply(seen, stored)).toBe(stored);
      }),
    );
  });

  // Not promised without the last look: a version is written, with its instant, only when it differs. So of
  // three looks A, B, A the second one, arriving last, is still news, until the next poll.
  it('one more look at everything ends in what looking in order ends in', () => {
    fc.assert(
      fc.property(shuffled, ([inOrder, anyOrder]) => {
        const full = { summary: 'z', from: 'z', durationSeconds: 9, attributes: { x: 9, y: 9 } };
        const last = look(100, { ...full, recordingUrl: 'https://a.example/1' });
        const { recordingUrl: _link, ...call } = storedAfter(...inOrder, last).call;

        expect(storedAfter(...anyOrder, last).call).toMatchObject(call);
      }),
    );
  });
});

describe('merging', () => {
  it('takes each part of the agent that is told', () => {
    const known = aCall({ agent: { id: 'a', name: null } });
    const seen = aCall({ agent: { id: null, name: 'Support' } });

    expect(mergeCalls(known, seen).agent).toEqual({ id: 'a', name: 'Support' });
  });
});
