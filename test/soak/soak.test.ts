import { describe, expect, it } from 'vitest';
import { asVariables } from './as-variables.ts';
import { surplusOf, truthsOf } from './judge-side.ts';
import { soakOptions } from './options.ts';

describe('secrets of a soak', () => {
  const secrets = { 'callwire/providers/demo': '{"hamsa":"key-1","samva":"key-2"}' };

  it('become variables, which the configuration names instead', () => {
    const config =
      'key: "secret:callwire/providers/demo#hamsa", key: "secret:callwire/providers/demo#samva"';

    expect(asVariables(config, secrets)).toEqual({
      config:
        'key: "env:SOAK_CALLWIRE_PROVIDERS_DEMO_HAMSA", key: "env:SOAK_CALLWIRE_PROVIDERS_DEMO_SAMVA"',
      variables: {
        SOAK_CALLWIRE_PROVIDERS_DEMO_HAMSA: 'key-1',
        SOAK_CALLWIRE_PROVIDERS_DEMO_SAMVA: 'key-2',
      },
    });
  });

  it.each(['secret:callwire/providers/demo#solum', 'secret:callwire/other#hamsa'])(
    'must be there: %s',
    (reference) => {
      expect(() => asVariables(reference, secrets)).toThrow(`${reference} leads to no secret`);
    },
  );
});

describe('what is compared after a soak', () => {
  const record = { destination: 'crm', call: 'clinic#1' };

  it('finds each thing that is there again, at the same destination only', () => {
    const first = { destination: 'ops', eventId: 'evt-1' };
    const elsewhere = { destination: 'hook', eventId: 'evt-1' };
    const received = [first, elsewhere, record, first, record, record];

    expect(surplusOf(received, new Set(['clinic#1']))).toEqual([first, record, record]);
  });

  it('finds a record of a call that did not take place', () => {
    const stray = { destination: 'crm', call: 'clinic#2' };

    expect(surplusOf([stray, record], new Set(['clinic#1']))).toEqual([stray]);
  });

  it('owes what ended after the first request, and everything to whom nobody asked', () => {
    const asked = {
      connection: 'asked',
      calls: [],
      malformedSent: [],
      askedAt: [Date.UTC(2026, 0, 31), Date.UTC(2026, 1, 1)],
    };
    const unasked = { connection: 'unasked', calls: [], malformedSent: [], askedAt: [] };

    expect(truthsOf([asked, unasked]).map(({ baselineAt }) => baselineAt)).toEqual([
      '2026-01-31T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ]);
  });
});

describe('options of a soak', () => {
  it('are read as milliseconds', () => {
    const args = ['--minutes', '0.5', '--kill-every', '1m', '--seed', '7', '--json'];

    expect(soakOptions(args)).toEqual({
      forMs: 30_000,
      killEveryMs: 60_000,
      seed: 7,
      faults: false,
      keep: false,
      json: true,
    });
  });
});
