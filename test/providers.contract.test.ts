import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { conclude } from '../lib/calls/call.ts';
import { normalizeCall } from '../lib/calls/normalize-call.ts';
import { connectionSchema } from '../lib/config/settings.ts';
import { ContractError } from '../lib/errors.ts';
import { providerById, providers } from '../lib/providers/index.ts';
import {
  defineProvider,
  isListed,
  type Listed,
  type Provider,
  type Rejected,
} from '../lib/providers/provider.ts';

const fixtures = new URL('fixtures/', import.meta.url);

// A fixture is what a provider sends: only its own code knows the type.
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));

/** Names of a provider's fixtures without `.json`; each has a `.expected.json` that was written by hand. */
const names = (id: string, kind: 'list' | 'detail') =>
  readdirSync(new URL(`${id}/`, fixtures))
    .filter((file) => file.startsWith(kind) && !file.includes('.expected.'))
    .map((file) => file.replace('.json', ''));

const settings = (provider: Provider) =>
  connectionSchema.parse({
    id: 'fixture',
    provider: provider.id,
    key: 'env:KEY',
    phoneRegion: 'SA',
  });

const records = (provider: Provider, name: string): readonly (Listed | Rejected)[] => {
  const body = read(`${provider.id}/${name}.json`);
  if (name.startsWith('detail')) return provider.detail ? [provider.detail.read(body)] : [];
  const { listed, rejected } = provider.list.read(body, 0, undefined);
  return [...listed, ...rejected];
};

const calls = (provider: Provider, name: string) =>
  records(provider, name)
    .filter(isListed)
    .map(({ facts }) => normalizeCall(facts, provider, settings(provider)));

/** Bodies that no provider sends when all is well. */
const NOT_OURS = ['<html>', null, {}, 42, { success: false, message: 'no' }, { error: 'no' }];

const SECRET = 'sk-do-not-leak';

describe.each(providers.map((provider) => [provider.id, provider] as const))(
  '%s',
  (id, provider) => {
    const lists = names(id, 'list');
    const details = names(id, 'detail');
    const ask = provider.list.request({
      pageSize: provider.list.maxPageSize,
      window: { from: new Date(0), to: new Date() },
    });

    it('is found by its id, under which its fixtures lie', () => {
      expect(providerById(id)).toBe(provider);
      expect(lists.length).toBeGreaterThan(0);
      expect(details.length > 0).toBe(provider.detail !== undefined);
    });

    it.each([...lists, ...details])('normalizes its %s and rejects nothing in it', (name) => {
      expect(records(provider, name).filter((record) => !isListed(record))).toEqual([]);
      expect(calls(provider, name)).toEqual(read(`${id}/${name}.expected.json`));
    });

    it('is met with each outcome that it can tell, and with each of its words', () => {
      const all = lists.flatMap((name) => calls(provider, name));
      const meanings = Object.values(provider.statuses).map((meaning) => conclude(meaning, null));
      const told = new Set(['completed', ...meanings.map(({ outcome }) => outcome)]);

      expect(all.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining([...told]));
      expect(all.map(({ providerStatus }) => providerStatus)).toEqual(
        expect.arrayContaining(Object.keys(provider.statuses)),
      );
    });

    it('carries its key in a header and never in an address', () => {
      const requests = [ask, ...(provider.detail ? [provider.detail.request('x')] : [])];

      expect([...new Headers(provider.authorize(SECRET)).values()].join()).toContain(SECRET);
      expect(JSON.stringify(requests)).not.toContain(SECRET);
    });

    it('asks for the page that its cursor names, and for another at another one', () => {
      const valuesAt = (cursor: number) =>
        provider.list.request({ cursor, pageSize: 1 }).query.map(([, value]) => value);

      expect(valuesAt(7)).toContain('7');
      expect(valuesAt(8)).not.toContain('7');
    });

    it('names the pages that it was written from, and its address, over HTTPS', () => {
      for (const url of [
        provider.docs,
        provider.list.docs,
        provider.baseUrl,
        provider.detail?.docs,
        provider.webhook.docs,
      ]) {
        if (url !== undefined) expect(new URL(url).protocol).toBe('https:');
      }
    });

    it.runIf(provider.detail)('keeps an id in its place in the address', () => {
      const path = provider.detail?.request('../../keys?x=1#y').path ?? '';

      expect(new URL(path, provider.baseUrl).pathname).toBe(path);
      expect(path).not.toMatch(/[?#]/);
    });

    it.each(['<html>', null, [], 42])('makes nothing of %j as a webhook', (body) => {
      expect(provider.webhook.read(body)).toBeUndefined();
    });

    it('takes from a webhook that wraps a row of its list that row, or nothing at all', () => {
      const rows = lists.flatMap((name) => records(provider, name)).filter(isListed);
      const wrapped = rows.map((row) => {
        const body = { eventType: 'call.ended', callId: 'x', data: row.raw };
        return { row, listed: provider.webhook.read(body)?.listed };
      });

      for (const { row, listed } of wrapped) expect([undefined, row]).toContainEqual(listed);
    });

    it('takes nothing from a webhook that names a call and says little of it', () => {
      const [word = 'completed'] = Object.keys(provider.statuses);
      const data = { id: 'a', status: word, call_status: word };
      const body = { eventType: 'call.ended', callId: 'a', data };

      expect(provider.webhook.read(body)).toMatchObject({ concernsCalls: true, listed: undefined });
    });

    it.each(NOT_OURS)('refuses %j for a list', (body) => {
      expect(() => provider.list.read(body, 0, undefined)).toThrow(ContractError);
    });

    it.runIf(provider.detail).each(NOT_OURS)('reads no call from %j', (body) => {
      const readIt = () => {
        const record = provider.detail?.read(body);
        if (record && !isListed(record)) throw new ContractError(record.rule);
      };

      expect(readIt).toThrow(ContractError);
    });

    it('says nothing of what it found in a body that it refuses', () => {
      const body = { success: false, message: SECRET, [SECRET]: SECRET };

      const read = () => provider.list.read(body, 0, undefined);

      expect(read).toThrow(ContractError);
      expect(read).not.toThrow(SECRET);
    });
  },
);

it('gives every provider its own id', () => {
  expect(new Set(providers.map(({ id }) => id)).size).toBe(providers.length);
  expect(() => providerById('hamza')).toThrow('hamza');
});

describe('hamsa, exactly as documented', () => {
  const hamsa = providerById('hamsa');
  const list = (change: (row: Record<string, unknown>) => unknown) => {
    const good = { id: 'a', createdAt: '2025-11-29T13:24:13.221Z', status: 'COMPLETED' };
    const rows = [good, change({ ...good, id: 'b' }), { ...good, id: 'c' }];
    return { success: true, message: 'success', data: { total: 3, filtered: 3, calls: rows } };
  };

  it('has a fixture of each of the seven statuses, of calls that completed and calls that failed', () => {
    const all = names('hamsa', 'list').flatMap((name) => calls(hamsa, name));

    expect(Object.keys(hamsa.statuses).toSorted()).toEqual([
      'COMPLETED',
      'FAILED',
      'FORWARDED',
      'IN_PROGRESS',
      'NO_ANSWER',
      'PENDING',
      'TERMINATED',
    ]);
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(
      new Set(['open', 'completed', 'failed']),
    );
  });

  it('puts the word Token before the key', () => {
    expect(hamsa.authorize(SECRET)).toEqual({ authorization: `Token ${SECRET}` });
  });

  it('asks for pages by number, at most 200 a page, bounds in epoch milliseconds, and statuses one by one', () => {
    const request = hamsa.list.request({
      cursor: 3,
      pageSize: hamsa.list.maxPageSize,
      window: { from: new Date('2025-05-20T00:00:00Z'), to: new Date('2025-05-21T00:00:00Z') },
      statuses: ['COMPLETED', 'FAILED'],
    });

    expect(request).toEqual({
      path: '/v1/voice-agents/conversations/minimal-list',
      query: [
        ['page', '3'],
        ['perPage', '200'],
        // The page's own example values.
        ['startTime', '1747699200000'],
        ['endTime', '1747785600000'],
        ['status', 'COMPLETED'],
        ['status', 'FAILED'],
      ],
    });
    expect(hamsa.list.request({ pageSize: 1 }).query[0]).toEqual(['page', '1']);
  });

  it('reads one call under the singular conversation', () => {
    expect(hamsa.detail?.request('849e77c6').path).toBe('/v1/voice-agents/conversation/849e77c6');
  });

  it('goes on while fewer rows were seen than match, and ends with an empty page', () => {
    const page = (rows: number, filtered: number) => ({
      success: true,
      data: { total: filtered, filtered, calls: Array.from({ length: rows }, () => ({})) },
    });

    expect(hamsa.list.read(page(200, 500), 0, undefined).next).toBe(2);
    expect(hamsa.list.read(page(200, 500), 200, 2).next).toBe(3);
    expect(hamsa.list.read(page(100, 500), 400, 3).next).toBeUndefined();
    expect(hamsa.list.read(page(0, 500), 300, 3).next).toBeUndefined();
  });

  it.each<[string, (row: Record<string, unknown>) => unknown, string]>([
    ['no id', ({ id: _id, ...row }) => row, 'id'],
    ['an empty id', (row) => ({ ...row, id: '' }), 'id'],
    ['a number for a status', (row) => ({ ...row, status: 7 }), 'status'],
    ['no date', (row) => ({ ...row, createdAt: 'yesterday' }), 'createdAt'],
    ['a duration below zero', (row) => ({ ...row, duration: -1 }), 'duration'],
    [
      'numbers of the wrong shape',
      (row) => ({ ...row, callParams: { userNumber: 5 } }),
      'callParams.userNumber',
    ],
    ['nothing of a record in it', () => null, '(record)'],
    ['a string for a record', () => '<html>', '(record)'],
  ])(
    'keeps a record with %s apart, with field and rule, and reads the others',
    (_what, change, field) => {
      const page = hamsa.list.read(list(change), 0, undefined);

      expect(page.listed.map(({ facts }) => facts.id)).toEqual(['a', 'c']);
      expect(page.rejected).toMatchObject([{ field }]);
      expect(page.rejected[0]?.rule).not.toBe('');
      expect(page.rows).toBe(3);
    },
  );

  it('says what an unusable record’s id is where it can be read', () => {
    expect(
      hamsa.list.read(
        list((row) => ({ ...row, status: 7 })),
        0,
        undefined,
      ).rejected[0]?.id,
    ).toBe('b');
  });

  it('takes every field but three for optional', () => {
    const { listed } = hamsa.list.read(
      list((row) => row),
      0,
      undefined,
    );

    expect(listed).toHaveLength(3);
  });

  it('takes a word that is on no page for an open call, never for a failure', () => {
    const { listed } = hamsa.list.read(
      list((row) => ({ ...row, status: 'ARCHIVED' })),
      0,
      undefined,
    );
    const [, odd] = listed.map(({ facts }) => normalizeCall(facts, hamsa, settings(hamsa)));

    expect(odd).toMatchObject({ outcome: 'open', status: 'unknown', providerStatus: 'ARCHIVED' });
  });

  it('waits for recording and analysis of a completed call only', () => {
    const [call] = calls(hamsa, 'detail');
    if (!call || !hamsa.detail) throw new Error('There is a fixture of a detail');
    const { awaits } = hamsa.detail;

    expect(awaits(call)).toBe(true);
    expect(awaits({ ...call, attributes: { analysis: { mood: 'good' } } })).toBe(false);
    expect(
      awaits({ ...call, recordingUrl: null, attributes: { analysis: { mood: 'good' } } }),
    ).toBe(true);
    expect(awaits({ ...call, outcome: 'failed' })).toBe(false);
  });
});

it('a record whose conversion throws is set aside, and the rest of its page is read', () => {
  const provider = defineProvider({
    id: 'epoch',
    docs: 'https://example.com',
    baseUrl: 'https://example.com',
    auth: { header: 'x-api-key' },
    list: {
      docs: 'https://example.com',
      maxPageSize: 10,
      order: 'undocumented',
      paging: 'page',
      request: () => ({ path: '/calls', query: [] }),
      body: z.array(z.unknown()),
      rows: (rows) => rows,
      next: () => undefined,
      item: z.object({ id: z.string(), created: z.number() }),
      facts: ({ id, created }) => ({
        id,
        providerStatus: null,
        createdAt: new Date(created * 1000).toISOString(),
      }),
    },
    statuses: {},
  });
  const page = provider.list.read(
    [
      { id: 'odd', created: 1e17 },
      { id: 'good', created: 1 },
    ],
    0,
    undefined,
  );

  expect(page.listed.map(({ facts }) => facts.id)).toEqual(['good']);
  expect(page.rejected).toMatchObject([{ id: 'odd', rule: 'cannot be converted' }]);
});
