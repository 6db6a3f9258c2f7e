import { createSign, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type SalesforceLookalike,
  type SalesforceOptions,
  startSalesforce,
} from '../../../lib/local/simulators/salesforce.ts';
import { rules } from '../../../lib/local/simulators/salesforce-rules.ts';

const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });
const USER = '005000000000001AAA';
const APP = {
  clientId: 'client',
  clientSecret: 'secret',
  publicKey: KEYS.publicKey,
  username: 'callwire@acme.example',
  users: [USER],
};

let org: SalesforceLookalike;
let token: string;
let nowMs: number;
const start = async (options: Partial<SalesforceOptions> = {}) => {
  nowMs = Date.parse('2026-11-20T10:00:00.000Z');
  org = await startSalesforce({ ...APP, now: () => nowMs, ...options });
  const { answer } = await logIn({ grant_type: 'client_credentials', ...CLIENT });
  token = String(answer.access_token);
};
beforeEach(async () => {
  await start();
  return () => org.close();
});
const restart = async (options: Partial<SalesforceOptions>) => {
  await org.close();
  await start(options);
};

const CLIENT = { client_id: 'client', client_secret: 'secret' };

async function logIn(form: Record<string, string>) {
  const response = await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  // What is read of it, each test says.
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${org.url}/services/data/v61.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = /^[[{]/.test(text) ? JSON.parse(text) : text;
  return { status: response.status, answer };
}
const upsert = (id: string, body: object = { Subject: 'Call' }, field = 'Callwire_Call_Id__c') =>
  ask('PATCH', `sobjects/Task/${field}/${id}`, body);
const query = (soql: string) => ask('GET', `query?q=${encodeURIComponent(soql)}`);
const errorOf = (errorCode: string, status = 400) => ({ status, answer: [{ errorCode }] });

it('says of each rule where it is from', () => {
  for (const { rule, source } of rules) expect([rule, source]).not.toContain('');
  expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
});

describe('logging in', () => {
  const assertion = (claims: object, key = KEYS.privateKey): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'RS256' })}.${part({
      iss: 'client',
      sub: APP.username,
      aud: 'https://login.salesforce.com',
      exp: nowMs / 1000 + 60,
      ...claims,
    })}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key).toString('base64url')}`;
  };
  const byJwt = (claims: object = {}, key = KEYS.privateKey) =>
    logIn({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertion(claims, key),
    });

  it('needs the right client, secret, key, user, audience and time', async () => {
    expect(await byJwt()).toMatchObject({ status: 200 });
    const refusals = await Promise.all([
      logIn({ grant_type: 'password', ...CLIENT }),
      logIn({ grant_type: 'client_credentials', ...CLIENT, client_id: 'x' }),
      logIn({ grant_type: 'client_credentials', ...CLIENT, client_secret: 'x' }),
      byJwt({ iss: 'x' }),
      byJwt({ sub: 'x' }),
      byJwt({ aud: 'https://acme.example' }),
      byJwt({ exp: nowMs / 1000 - 1 }),
      byJwt({ exp: nowMs / 1000 + 3_600 }),
      byJwt({}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ]);

    expect(refusals.map(({ status, answer }) => `${status} ${String(answer.error)}`)).toEqual([
      '400 unsupported_grant_type',
      '400 invalid_client_id',
      '400 invalid_client',
      '400 invalid_client_id',
      '400 invalid_grant',
      '400 invalid_grant',
      '400 invalid_grant',
      '400 invalid_grant',
      '400 invalid_grant',
    ]);
  });

  it('is over when the session is', async () => {
    org.faults.sessionEnded = { times: 1 };

    expect(await upsert('a')).toMatchObject(errorOf('INVALID_SESSION_ID', 401));
  });
});

describe('tasks', () => {
  it('are created and then changed by their external id', async () => {
    expect(await upsert('a')).toMatchObject({ status: 201, answer: { created: true } });
    expect(await upsert('A', { Subject: 'Later' })).toMatchObject({
      status: 200,
      answer: { created: false },
    });

    expect(org.tasks()).toMatchObject([{ fields: { Subject: 'Later' }, writes: 2 }]);
  });

  it.each<[string, object, string]>([
    ['an unknown field', { Colour: 'red' }, 'INVALID_FIELD'],
    ['its own external id', { Callwire_Call_Id__c: 'a' }, 'INVALID_FIELD'],
    ['a long text', { Subject: 'x'.repeat(256) }, 'STRING_TOO_LONG'],
    ['a long description', { Description: 'x'.repeat(32_001) }, 'STRING_TOO_LONG'],
    ['another word', { Status: 'Done' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
    ['a number in quotes', { CallDurationInSeconds: '35' }, 'JSON_PARSER_ERROR'],
    ['a fraction', { CallDurationInSeconds: 1.5 }, 'JSON_PARSER_ERROR'],
    ['a time as a date', { ActivityDate: '2026-11-20T10:00:00Z' }, 'JSON_PARSER_ERROR'],
    ['somebody unknown', { WhoId: '003000000000009AAA' }, 'INVALID_CROSS_REFERENCE_KEY'],
    ['an unknown owner', { OwnerId: '005000000000009AAA' }, 'INVALID_CROSS_REFERENCE_KEY'],
    ['what it computes', { CreatedDate: '2026-11-20' }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
  ])('are refused with %s, and nothing is written', async (_case, body, errorCode) => {
    expect(await upsert('a', body)).toMatchObject(errorOf(errorCode));
    expect(org.tasks()).toEqual([]);
  });

  it('keep their subtype, and are about nothing else when they are a lead’s', async () => {
    const WhoId = org.add('Lead', {});
    await upsert('a', { TaskSubtype: 'Call' });

    expect(await upsert('a', { TaskSubtype: 'Call' })).toMatchObject(
      errorOf('INVALID_FIELD_FOR_INSERT_UPDATE'),
    );
    expect(await upsert('b', { WhoId, WhatId: '701000000000001AAA' })).toMatchObject(
      errorOf('FIELD_INTEGRITY_EXCEPTION'),
    );
  });

  it('need a field that is an external id, and that somebody created', async () => {
    expect(await upsert('a', {}, 'Subject')).toMatchObject(errorOf('NOT_FOUND', 404));
    await restart({ lacking: ['Callwire_Call_Id__c'] });
    expect(await upsert('a')).toMatchObject(errorOf('NOT_FOUND', 404));
  });
});

describe('queries', () => {
  it('find at once what was written', async () => {
    await upsert("it's", { Subject: 'Call' });
    const soql = "SELECT Id, Subject FROM Task WHERE Callwire_Call_Id__c = 'IT\\'S'";

    expect(await query(soql)).toMatchObject({
      answer: { totalSize: 1, done: true, records: [{ Subject: 'Call' }] },
    });
  });

  it('combine, order and limit', async () => {
    const ids = ['1', '2', '3'].map((Phone) => org.add('Lead', { Phone, MobilePhone: '9' }));
    const where = "(Phone IN ('1', '3') OR MobilePhone = 'x') AND IsConverted = false";
    const found = await query(`SELECT Id FROM Lead WHERE ${where} ORDER BY CreatedDate DESC`);

    expect(found).toMatchObject({ answer: { records: [{ Id: ids[2] }, { Id: ids[0] }] } });
    expect(await query(`SELECT Id FROM Lead WHERE ${where} LIMIT 1`)).toMatchObject({
      answer: { totalSize: 2, records: [{ Id: ids[0] }] },
    });
  });

  it.each([
    ["SELECT Id FROM Task WHERE Colour = 'red'", 'INVALID_FIELD'],
    ["SELECT Colour FROM Task WHERE Subject = 'x'", 'INVALID_FIELD'],
    ["SELECT Id FROM Invoice WHERE Id = 'x'", 'INVALID_TYPE'],
    ["SELECT Id FROM Task WHERE Subject = 'x", 'MALFORMED_QUERY'],
    ["SELECT Id FROM Task WHERE Subject = 'x' AND Status = 'y' OR Status = 'z'", 'MALFORMED_QUERY'],
    ['SELECT Id FROM Task', 'MALFORMED_QUERY'],
  ])('%s is %s', async (soql, errorCode) => {
    expect(await query(soql)).toMatchObject(errorOf(errorCode));
  });
});

describe('duplicates', () => {
  it('are refused by a rule where there is one, with whom it means', async () => {
    await restart({ blocksDuplicates: true });
    const Id = org.add('Contact', { Phone: '+966 50 1' });
    const lead = { LastName: 'x', Company: 'y', Phone: '+966501' };

    expect(await ask('PATCH', 'sobjects/Lead/Callwire_Phone__c/1', lead)).toMatchObject({
      status: 400,
      answer: [{ duplicateResult: { matchResults: [{ matchRecords: [{ record: { Id } }] }] } }],
    });
  });
});

describe('faults', () => {
  it.each([
    ['locked', 'UNABLE_TO_LOCK_ROW', 0],
    ['errorBeforeCommit', undefined, 0],
    ['errorAfterCommit', undefined, 1],
  ] as const)('%s', async (fault, errorCode, written) => {
    org.faults[fault] = { times: 1 };
    const { status, answer } = await upsert('a');

    expect(status).toBeGreaterThanOrEqual(400);
    if (errorCode !== undefined) expect(answer).toMatchObject([{ errorCode }]);
    expect(org.tasks()).toHaveLength(written);
  });

  it('use up the requests of a day', async () => {
    await restart({ requestsLeft: 1 });
    await upsert('a');

    expect(await upsert('b')).toMatchObject(errorOf('REQUEST_LIMIT_EXCEEDED', 403));
  });

  it('lose an answer after writing', async () => {
    org.faults.lostAnswer = { times: 1 };

    await expect(upsert('a')).rejects.toThrow();
    expect(org.tasks()).toHaveLength(1);
  });
});
