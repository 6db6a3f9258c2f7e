import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromCallItem, toCallItem } from '../../lib/adapters/call-item.ts';
import { callSchema, conclude } from '../../lib/calls/call.ts';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { nextVersion } from '../../lib/calls/version.ts';
import { normalizePhone } from '../../lib/phone.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import type { CallFacts } from '../../lib/providers/provider.ts';
import { connection, look, policy } from '../support/calls.ts';

const normalize = (facts: Partial<CallFacts>, written: Record<string, unknown> = {}) =>
  normalizeCall({ id: 'x', providerStatus: 'COMPLETED', ...facts }, hamsa, connection(written));

describe('a status word', () => {
  it('means what the provider’s table says', () => {
    expect(normalize({ providerStatus: 'TERMINATED' })).toMatchObject({
      outcome: 'failed',
      status: 'failed',
      reason: 'terminated',
    });
  });

  it('means what the operator says instead', () => {
    const statusOverrides = {
      FAILED: 'completed',
      TERMINATED: { status: 'canceled', reason: 'ours' },
    };

    expect(normalize({ providerStatus: 'FAILED' }, { statusOverrides })).toMatchObject({
      outcome: 'completed',
      reason: null,
    });
    expect(normalize({ providerStatus: 'TERMINATED' }, { statusOverrides })).toMatchObject({
      outcome: 'failed',
      reason: 'ours',
    });
  });

  it.each(['', 'completed', 'ARCHIVED', 'toString', '__proto__', null])(
    '%j, which nobody has met, is open and never a failure',
    (providerStatus) => {
      expect(normalize({ providerStatus })).toMatchObject({ outcome: 'open', status: 'unknown' });
    },
  );

  it('that nobody has met is over when the call has an end', () => {
    const endedAt = '2026-11-20T12:00:00Z';

    expect(normalize({ providerStatus: 'ARCHIVED', endedAt })).toMatchObject({
      outcome: 'completed',
      status: 'unknown',
      reason: null,
    });
  });

  it('falls back to what was derived from other facts', () => {
    const derivedStatus = { status: 'busy', reason: null } as const;

    expect(normalize({ providerStatus: 'engaged', derivedStatus })).toMatchObject({
      outcome: 'failed',
      reason: 'busy',
    });
  });

  it.each(['no_answer', 'busy', 'canceled', 'failed'] as const)(
    '%s always has a reason',
    (status) => {
      expect(conclude({ status, reason: null }, null).reason).toEqual(expect.any(String));
    },
  );
});

describe('numbers', () => {
  it.each([
    ['+1 659-222-5145', undefined, '+16592225145'],
    ['0551234567', 'SA', '+966551234567'],
    ['0551234567', undefined, '0551234567'],
    ['anonymous', 'SA', 'anonymous'],
    ['sip:front-desk@pbx.example', 'SA', 'sip:front-desk@pbx.example'],
    ['  ', 'SA', null],
    [null, 'SA', null],
  ])('%j in %s is %j', (written, region, expected) => {
    expect(normalizePhone(written, region)).toBe(expected);
  });

  it('belong to the person and the agent by direction', () => {
    const [from, to] = ['+16592225145', '+201095987769'];

    expect(normalize({ direction: 'inbound', from, to })).toMatchObject({
      contactNumber: from,
      agentNumber: to,
    });
    expect(normalize({ direction: 'outbound', from, to })).toMatchObject({
      contactNumber: to,
      agentNumber: from,
    });
    expect(normalize({ from, to })).toMatchObject({ contactNumber: null, agentNumber: null });
  });
});

describe('a normalized call', () => {
  it('has instants in UTC, whatever zone they were written in', () => {
    expect(normalize({ createdAt: '2026-11-20T15:00:00+03:00' }).createdAt).toBe(
      '2026-11-20T12:00:00.000Z',
    );
  });

  it.each(['yesterday', '', '9999-12-31T23:59:59-05:00', '0000-01-01T00:00:00+05:00'])(
    'has no instant for %j',
    (createdAt) => {
      expect(normalize({ createdAt }).createdAt).toBeNull();
    },
  );

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 9_007_199_254_740_991, 1e300])(
    'has no duration of %d seconds',
    (durationSeconds) => {
      const call = normalize({ durationSeconds, createdAt: '2026-11-20T12:00:00Z' });

      expect(call.durationSeconds).toBeNull();
      expect(nextVersion(undefined, { ...look(0), call }, policy())).toBeDefined();
    },
  );

  it('has no link that is too long or no link at all', () => {
    expect(normalize({ recordingUrl: 'javascript:alert(1)' }).recordingUrl).toBeNull();
    expect(
      normalize({ recordingUrl: `https://a.example/${'x'.repeat(3000)}` }).recordingUrl,
    ).toBeNull();
  });

  it('links to the page that the operator’s template names', () => {
    const callUrl = 'https://app.example/calls/{id}';

    expect(normalize({ id: 'a/b?c' }, { callUrl }).url).toBe('https://app.example/calls/a%2Fb%3Fc');
  });

  it('never cuts a character in two', () => {
    const { summary } = normalize({ summary: `${'x'.repeat(8190)}😀😀` });

    expect(summary?.isWellFormed()).toBe(true);
    expect(summary?.endsWith('…')).toBe(true);
  });

  it('keeps attributes within bounds, however many and large', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`a${index}`, 'x'.repeat(5_000)]),
    );

    expect(JSON.stringify(normalize({ attributes }).attributes).length).toBeLessThan(20_000);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 100, maxLength: 400, unit: 'grapheme' }),
  fc.constantFrom('\uD800', '+966551234567', 'https://a.example/1', '2026-11-20T12:00:00Z'),
);
/** fast-check and zod name the type of JSON differently. */
const anyJson = fc.json().map((json) => z.json().parse(JSON.parse(json)));
const anyFacts = fc.record(
  {
    id: fc.string({ minLength: 1, maxLength: 40 }),
    providerStatus: anyText,
    direction: fc.constantFrom('inbound' as const, 'outbound' as const),
    agentName: anyText,
    from: anyText,
    contactNumber: anyText,
    createdAt: fc.oneof(
      anyText,
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    ),
    endedAt: fc.oneof(
      anyText,
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    ),
    durationSeconds: fc.double(),
    summary: anyText,
    recordingUrl: anyText,
    attributes: fc.dictionary(fc.string(), anyJson),
  },
  { requiredKeys: ['id', 'providerStatus'] },
);

it('whatever a provider sends is a valid call that can be versioned, stored and read back', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      // A name that only JSON can hold; our schema drops it.
      fc.pre(!JSON.stringify(facts).includes('__proto__'));
      const call = normalizeCall(facts, hamsa, connection({ phoneRegion: 'SA' }));
      const stored = nextVersion(undefined, { ...look(0), call }, policy());
      if (!stored) throw new Error('a first look is always news');

      expect(callSchema.parse(call)).toEqual(call);
      expect(fromCallItem(toCallItem(stored)).call).toEqual(JSON.parse(JSON.stringify(call)));
    }),
  );
});
