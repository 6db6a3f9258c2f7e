import { beforeEach, describe, expect, it } from 'vitest';
import {
  type HubSpotLookalike,
  type HubSpotOptions,
  startHubSpot,
} from '../../../lib/local/simulators/hubspot.ts';
import { rules } from '../../../lib/local/simulators/hubspot-rules.ts';

const TOKEN = 'pat-1';
const TIME = '2026-11-20T10:00:00.000Z';

let account: HubSpotLookalike;
let nowMs: number;
const start = async (options: Partial<HubSpotOptions> = {}) => {
  nowMs = Date.parse(TIME);
  account = await startHubSpot({ token: TOKEN, now: () => nowMs, ...options });
};
beforeEach(async () => {
  await start();
  return () => account.close();
});
const restart = async (options: Partial<HubSpotOptions>) => {
  await account.close();
  await start(options);
};

async function ask(method: string, path: string, body?: object, token = TOKEN) {
  const response = await fetch(`${account.url}/crm/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text.startsWith('{') ? JSON.parse(text) : text;
  return { status: response.status, answer, text };
}

const define = async (name = 'key', over: object = {}) => {
  await ask('POST', 'v3/properties/calls/groups', { name: 'own', label: 'Own' });
  const kind = { type: 'string', fieldType: 'text', groupName: 'own', hasUniqueValue: true };
  return ask('POST', 'v3/properties/calls', { name, label: name, ...kind, ...over });
};
const upsert = (id: string, properties: object = { hs_timestamp: TIME }, idProperty = 'key') =>
  ask('POST', 'v3/objects/calls/batch/upsert', { inputs: [{ id, idProperty, properties }] });
const search = (propertyName: string, value: string) =>
  ask('POST', 'v3/objects/contacts/search', {
    filterGroups: [{ filters: [{ propertyName, operator: 'EQ', value }] }],
  });

describe('calls', () => {
  it('are created and then changed by the value of a unique property', async () => {
    expect(await upsert('a')).toMatchObject({ status: 400 });
    expect(await define()).toMatchObject({ status: 201 });

    expect(await upsert('a')).toMatchObject({ answer: { results: [{ new: true }] } });
    expect(await upsert('A', { hs_call_title: 'Later' })).toMatchObject({
      answer: { results: [{ new: false }] },
    });

    expect(account.records()).toMatchObject([
      { writes: 2, properties: { hs_timestamp: TIME, hs_call_title: 'Later' } },
    ]);
    expect(
      await ask('GET', 'v3/objects/calls/a?idProperty=key&properties=hs_call_title'),
    ).toMatchObject({ status: 200, answer: { properties: { hs_call_title: 'Later' } } });
    expect(await ask('GET', 'v3/objects/calls/b?idProperty=key')).toMatchObject({ status: 404 });
  });

  it('are not written by a property that is not unique', async () => {
    await define('plain', { hasUniqueValue: false });

    expect(await upsert('a', undefined, 'plain')).toMatchObject({ status: 400 });
    expect(await upsert('a', undefined, 'hs_call_title')).toMatchObject({ status: 400 });
  });

  it.each([
    ['hs_timestamp', {}],
    ['hs_timestamp', { hs_timestamp: 'yesterday' }],
    ['no_such_property', { hs_timestamp: TIME, no_such_property: '1' }],
    ['hs_call_status', { hs_timestamp: TIME, hs_call_status: 'completed' }],
    ['hs_call_duration', { hs_timestamp: TIME, hs_call_duration: '35 s' }],
    ['hs_call_recording_url', { hs_timestamp: TIME, hs_call_recording_url: 'http://x.example/1' }],
    ['hs_call_body', { hs_timestamp: TIME, hs_call_body: 'x'.repeat(65_537) }],
  ])('are refused for %s', async (name, properties) => {
    await define();
    const { status, text } = await upsert('a', properties);

    expect(status).toBe(400);
    expect(text).toContain(name);
    expect(account.records()).toEqual([]);
  });

  it('are all refused when one of a batch is', async () => {
    await define();
    const inputs = [{ hs_timestamp: TIME }, { nonsense: '1' }].map((properties, index) => ({
      id: String(index),
      idProperty: 'key',
      properties,
    }));

    const { status } = await ask('POST', 'v3/objects/calls/batch/upsert', { inputs });

    expect(status).toBe(400);
    expect(account.records()).toEqual([]);
  });

  it('are associated with a contact once, as type 194', async () => {
    await define();
    await upsert('a');
    const contact = account.addContact({ phone: '+12025550123' });
    const [call] = account.records();
    const path = `v4/objects/calls/${call?.id}/associations/default/contacts/`;

    for (let times = 0; times < 2; times += 1) {
      expect(await ask('PUT', path + contact)).toMatchObject({ status: 200 });
    }
    expect(account.records()[0]?.associated).toEqual([{ id: contact, typeId: 194 }]);
    expect(await ask('PUT', `${path}999`)).toMatchObject({ status: 404 });
  });
});

describe('properties', () => {
  it('need a group that exists, and a name that does not', async () => {
    const property = { name: 'key', label: 'k', type: 'string', fieldType: 'text' };
    const create = (groupName: string) =>
      ask('POST', 'v3/properties/calls', { ...property, groupName });

    expect(await create('own')).toMatchObject({ status: 400 });
    expect(await define()).toMatchObject({ status: 201 });
    expect(await create('own')).toMatchObject({ status: 409 });
    expect(await ask('GET', 'v3/properties/calls/key')).toMatchObject({
      answer: { hasUniqueValue: true },
    });
    expect(await ask('GET', 'v3/properties/calls/other')).toMatchObject({ status: 404 });
  });

  it('may be unique ten times', async () => {
    for (let index = 0; index < 10; index += 1) await define(`key_${index}`);

    expect(await define('one_more')).toMatchObject({ status: 400 });
  });
});

describe('contacts', () => {
  const create = (properties: object) => ask('POST', 'v3/objects/contacts', { properties });

  it('need a name, and an e-mail address of their own', async () => {
    expect(await create({ phone: '+12025550123' })).toMatchObject({ status: 400 });
    expect(await create({ email: 'a@example.com' })).toMatchObject({ status: 201 });
    const again = await create({ email: 'a@example.com' });

    expect(again.status).toBe(409);
    expect(again.text).toContain(`Existing ID: ${account.contacts()[0]?.id}`);
  });

  it('are found only some moments after they were created', async () => {
    await create({ firstname: 'A', phone: '+12025550123' });
    expect(await search('phone', '+12025550123')).toMatchObject({ answer: { total: 0 } });

    nowMs += 2_000;
    expect(await search('phone', '+12025550123')).toMatchObject({ answer: { total: 1 } });
  });

  it('are found by area code and local number, however theirs was typed', async () => {
    account.addContact({ phone: '+1 (202) 555-0123' });
    account.addContact({ phone: '202.555.0123 ext. 4' });

    expect(await search('phone', '+12025550123')).toMatchObject({ answer: { total: 0 } });
    expect(await search('hs_searchable_calculated_phone_number', '2025550123')).toMatchObject({
      answer: { total: 2 },
    });
    expect(await search('hs_searchable_calculated_phone_number', '12025550123')).toMatchObject({
      answer: { total: 0 },
    });
    expect(await search('no_such_property', 'x')).toMatchObject({ status: 400 });
  });
});

describe('limits', () => {
  it('are five searches a second and a hundred requests in ten', async () => {
    const statuses = async (times: number, request: () => Promise<{ status: number }>) => {
      const all: number[] = [];
      for (let index = 0; index < times; index += 1) all.push((await request()).status);
      return all;
    };
    expect(await statuses(6, () => search('phone', 'x'))).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await search('phone', 'x')).text).toContain('"policyName":"SECONDLY"');

    nowMs += 10_000;
    const reads = await statuses(101, () => ask('GET', 'v3/properties/calls/hs_timestamp'));
    expect(reads.indexOf(429)).toBe(100);
    expect(account.violations().map(({ detail }) => detail)).toContain('TEN_SECONDLY_ROLLING');
  });
});

describe('faults', () => {
  it('strike before or after the write', async () => {
    await define();
    account.faults.errorBeforeCommit = { times: 1 };
    expect(await upsert('a')).toMatchObject({ status: 503 });
    expect(account.records()).toHaveLength(0);

    account.faults.locked = { times: 1 };
    expect(await upsert('a')).toMatchObject({ status: 423 });
    expect(account.records()).toHaveLength(0);

    account.faults.errorAfterCommit = { times: 1 };
    expect(await upsert('b')).toMatchObject({ status: 502 });
    expect(account.records()).toHaveLength(1);

    account.faults.lostAnswer = { times: 1 };
    await expect(upsert('c')).rejects.toThrow('fetch failed');
    expect(account.records()).toHaveLength(2);

    account.faults.tooManyRequests = { times: 1 };
    expect(await upsert('d')).toMatchObject({ status: 429 });
    expect(account.records()).toHaveLength(2);
  });
});

describe('access', () => {
  it('needs the token, and the scope, which the refusal names', async () => {
    expect(await ask('GET', 'v3/objects/calls/1', undefined, 'wrong')).toMatchObject({
      status: 401,
    });
    await restart({ scopes: ['crm.objects.contacts.read'] });

    expect(await upsert('a')).toMatchObject({
      status: 403,
      answer: {
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: ['crm.objects.contacts.write'] } }],
      },
    });
  });
});

describe('the rules', () => {
  it('name a page of developers.hubspot.com for everything they call documented', () => {
    for (const { source, certainty } of rules) {
      if (certainty === 'documented')
        expect(source).toMatch(/^https:\/\/developers\.hubspot\.com\//);
    }
  });
});
