import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { externalId } from '../../lib/calls/external-id.ts';
import { sender } from '../../lib/destinations/salesforce/send.ts';
import type { Event } from '../../lib/events/event.ts';
import type { SalesforceFaults } from '../../lib/local/simulators/salesforce.ts';
import { callEvent, deliveryEvent } from '../delivery/events.ts';
import { CALLER, CAMPAIGN, SECRET, salesforceWorld, USER, USERNAME } from './salesforce-world.ts';
import { json, startStub } from './stub-server.ts';

const world = salesforceWorld();
const { send, failure, outgoing } = world;

const late = callEvent(
  { id: 'evt-2', type: 'call.updated', revision: 2, changes: ['summary'] },
  { summary: 'Late words' },
);

describe('logging a call', () => {
  it('is a completed task with all that is known', async () => {
    const receipt = await send();

    const { id, fields } = world.task();
    expect(receipt).toEqual({ task: id });
    expect(fields).toMatchObject({
      Callwire_Call_Id__c: externalId(callEvent().call),
      Subject: 'Appointment',
      TaskSubtype: 'Call',
      Status: 'Completed',
      ActivityDate: '2026-11-20',
      CallType: 'Inbound',
      CallDurationInSeconds: 35,
      CallDisposition: 'Connected',
    });
  });

  it('is one task however often and by however many it is tried', async () => {
    await send();
    await Promise.all([1, 2, 3].map(() => send()));

    expect(world.task().writes).toBe(1);
  });

  it('logs in once for many calls', async () => {
    const ids = ['a', 'b', 'c'];
    await Promise.all(ids.map((id) => send(callEvent({ id }, { id }))));
    await send(callEvent({ id: 'd' }, { id: 'd' }));

    const logins = world
      .org()
      .requests()
      .filter((request) => request.includes('oauth2'));
    expect(logins).toEqual(['POST oauth2/token 200']);
  });

  it('patches late facts in, and leaves alone what a person changed', async () => {
    await send();
    const { id } = world.task();
    world
      .org()
      .edit('Task', id, { Subject: 'Call Sara back', Status: 'In Progress', CallType: null });
    await send(late);

    expect(world.task().fields).toMatchObject({
      Subject: 'Call Sara back',
      Status: 'In Progress',
      CallType: null,
    });
    expect(world.task().fields.Description).toContain('Late words');
  });

  it('keeps the later facts when the earlier ones come last', async () => {
    await send(late);
    await send();

    expect(world.task().fields.Description).toContain('Late words');
  });

  it.each<[string, Event]>([
    ['call.stale', callEvent({ type: 'call.stale' }, { outcome: 'open', status: 'in_progress' })],
    ['delivery.failing', deliveryEvent()],
  ])('declines %s without a request', async (_type, event) => {
    expect(await send(event)).toEqual({ skipped: 'no_outcome' });
    expect(await sender.find?.(outgoing(event), new Date())).toEqual({ state: 'absent' });
    expect(world.org().requests()).toEqual([]);
  });

  it('says whether an attempt arrived, by the external id', async () => {
    const find = (event?: Event) => sender.find?.(outgoing(event), new Date());
    expect(await find()).toEqual({ state: 'absent' });
    await send();

    expect(await find()).toEqual({ state: 'arrived', receipt: { task: world.task().id } });
    expect(await find(late)).toEqual({ state: 'absent' });
  });

  it('says whose it is and what it is about, in words of the org’s own', async () => {
    await send(callEvent(), {
      statuses: { completed: 'Deferred' },
      dispositions: { completed: 'Spoke' },
      owners: { agents: { 'Support Agent': USER } },
      related: { connections: { 'clinic-riyadh': CAMPAIGN } },
    });

    expect(world.task().fields).toMatchObject({
      Status: 'Deferred',
      CallDisposition: 'Spoke',
      OwnerId: USER,
      WhatId: CAMPAIGN,
    });
  });
});

describe('logging in', () => {
  const byJwt = { clientSecret: undefined, username: USERNAME, privateKey: 'env:KEY' };

  it('works with a signed assertion', async () => {
    await send(callEvent(), byJwt);

    expect(world.task().fields.Subject).toBe('Appointment');
  });

  it('is done anew, once, when the session is over', async () => {
    await send();
    world.org().faults.sessionEnded = { times: 1 };
    await send(late);

    expect(world.task().fields.Description).toContain('Late words');
    const logins = world
      .org()
      .requests()
      .filter((request) => request.includes('oauth2'));
    expect(logins).toHaveLength(2);
  });

  it('is given up when a new session is refused as well', async () => {
    world.org().faults.sessionEnded = 1;

    expect(await failure(send())).toMatchObject({
      name: 'PermanentError',
      reason: 'key_refused',
    });
    expect(world.org().requests()).toHaveLength(4);
  });

  it.each<[string, object, object, string]>([
    ['a wrong secret', {}, { clientSecret: 'wrong' }, 'not that of the clientId'],
    ['a wrong client', { clientId: 'wrong_client_id' }, {}, 'clientId is not known'],
    ['another user', { ...byJwt, username: 'x@acme.example' }, {}, 'not allowed this app'],
    ['no key', byJwt, { privateKey: `-----BEGIN ${SECRET}` }, 'not an RSA key'],
  ])('says what to do about %s, and quotes none of it', async (_case, over, secrets, words) => {
    const { settings, ...what } = outgoing(callEvent(), over);
    const error = await failure(
      sender.send({ ...what, settings, secrets: { ...what.secrets, ...secrets } }),
    );

    expect(error).toMatchObject({ name: 'PermanentError' });
    expect(error).toHaveProperty('message', expect.stringContaining(words));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });

  it('waits while the login itself cannot be reached or is ill', async () => {
    const stub = await startStub();
    const at = { baseUrl: stub.url };
    stub.answer = (_request, response) => json(response, {}, 503);
    expect(await failure(send(callEvent(), at))).toMatchObject({
      name: 'TransientError',
      maybeDone: false,
    });
    stub.answer = (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end();
    expect(await failure(send(callEvent(), at))).toMatchObject({ retryAfterMs: 7_000 });
    stub.answer = (_request, response) => json(response, { error: SECRET }, 400);
    const error = await failure(send(callEvent(), at));
    await stub.close();

    expect(error).toMatchObject({ reason: 'key_refused' });
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  });

  it.each([
    [{ clientSecret: undefined }],
    [{ username: 'x@acme.example' }],
    [{ clientSecret: undefined, username: 'x@acme.example' }],
    [{ privateKey: 'env:KEY', username: 'x@acme.example' }],
    [{ url: 'http://acme.my.salesforce.com' }],
    [{ owners: { default: 'Sara' } }],
    [{ statuses: { done: 'Completed' } }],
    [{ fields: { callId: 'Call Id' } }],
  ])('needs settings that fit together: not %j', (over) => {
    expect(() => outgoing(callEvent(), over)).toThrow();
  });
});

describe('whose call it was', () => {
  const contact = (phone: string, field = 'Phone') =>
    world.org().add('Contact', { [field]: phone });

  it.each(['+966501234567', '+966 50 123 4567', '966501234567', '050 123 4567', '0501234567'])(
    'is found as %s',
    async (typed) => {
      const id = contact(typed, 'OtherPhone');

      expect(await send()).toMatchObject({ contact: id });
      expect(world.task().fields.WhoId).toBe(id);
    },
  );

  it('is a contact before a lead, and no lead that was converted', async () => {
    const lead = world.org().add('Lead', { Phone: CALLER });
    expect(await send()).toMatchObject({ contact: lead });

    world.org().edit('Lead', lead, { IsConverted: true });
    const second = callEvent({ id: 'b' }, { id: 'b', contactNumber: '+966501234568' });
    world.org().add('Lead', { Phone: '+966501234568', IsConverted: true });
    const person = contact('+966501234568');
    expect(await send(second)).toMatchObject({ contact: person });
  });

  it('is nobody with the same digits in another country, nor with a format that does not count', async () => {
    contact('+971501234567');
    contact('050 123 4567');

    expect(await send(callEvent(), { contacts: { formats: ['e164'] } })).not.toHaveProperty(
      'contact',
    );
  });

  it('is never ourselves', async () => {
    contact(CALLER);

    expect(await send(callEvent(), { contacts: { ours: [CALLER] } })).not.toHaveProperty('contact');
  });

  it('is the newest, the first, nobody, or no log, when several have the number', async () => {
    const [first, newest] = [contact(CALLER), contact(CALLER)];
    const told = (id: string, many: string) =>
      send(callEvent({ id }, { id }), { contacts: { many } });

    expect(await told('a', 'newest')).toMatchObject({ contact: newest });
    expect(await told('b', 'first')).toMatchObject({ contact: first });
    expect(await told('c', 'log-unassociated')).not.toHaveProperty('contact');
    expect(await told('d', 'skip')).toEqual({ skipped: 'several_contacts' });
    expect(world.org().tasks()).toHaveLength(3);
  });

  it('is nobody, no log, or a new lead, when nobody has it', async () => {
    const told = (id: string, none: string) =>
      send(callEvent({ id }, { id }), { contacts: { none } });

    expect(await told('a', 'skip')).toEqual({ skipped: 'no_contact' });
    expect(await told('b', 'log-unassociated')).not.toHaveProperty('contact');
    const calls = ['c', 'd', 'e'].map((id) => told(id, 'create'));
    const contacts = (await Promise.all(calls)).map((receipt) => receipt.contact);

    const [lead, ...others] = world.org().leads();
    expect(others).toEqual([]);
    expect(contacts).toEqual(Array(3).fill(lead?.id));
  });

  it('is whom a duplicate rule names, where it refuses a new lead', async () => {
    await world.restart({ blocksDuplicates: true });
    const other = contact('(+966) 50-123-4567');

    expect(await send(callEvent(), { contacts: { none: 'create' } })).toMatchObject({
      contact: other,
    });
  });

  it('is looked for again when the contact is gone, and stays whom a person chose', async () => {
    const gone = contact(CALLER);
    await send();
    world.org().remove('Contact', gone);
    const next = contact(CALLER);
    const second = callEvent({ id: 'b' }, { id: 'b' });

    expect(await failure(send(second))).toMatchObject({ reason: 'contact_gone' });
    expect(await send(second)).toMatchObject({ contact: next });

    const other = contact('+966500000000');
    const [, task] = world.org().tasks();
    world.org().edit('Task', task?.id ?? '', { WhoId: other });
    await send({ ...late, id: 'c', call: { ...late.call, id: 'b' } });
    expect(world.org().tasks()[1]?.fields.WhoId).toBe(other);
  });

  it('has nothing else to be about when it is a lead', async () => {
    world.org().add('Lead', { Phone: CALLER });
    const related = { related: { default: CAMPAIGN } };
    await send(callEvent(), related);
    await send(late, related);

    expect(world.task().fields.WhatId).toBeUndefined();
  });
});

describe('whatever goes wrong', () => {
  const faults: [string, Partial<SalesforceFaults>][] = [
    ['a used up limit', { tooManyRequests: 0.3 }],
    ['a row lock', { locked: 0.3 }],
    ['a query that takes too long', { queryTimeout: 0.3 }],
    ['an error before the write', { errorBeforeCommit: 0.3 }],
    ['an error after the write', { errorAfterCommit: 0.3 }],
    ['a lost answer', { lostAnswer: 0.3 }],
    ['an ended session', { sessionEnded: 0.1 }],
  ];

  it.each(faults)('there is one complete task per call after %s', async (name, given) => {
    await world.restart({ faults: given, seed: 7 });
    const ids = Array.from({ length: 10 }, (_, index) => `call-${index}`);
    const contacts = { contacts: { none: 'create' } };
    const patient = async (event: Event) => {
      // A session that ends twice in a row parks a delivery; a person would redrive it.
      for (let tries = 0; tries < 20; tries += 1) {
        const error = await failure(world.sendUntilDone(event, contacts));
        if (error === undefined) return;
        if (name !== 'an ended session') throw error;
      }
    };

    await Promise.all(
      ids.map(async (id) => {
        await patient(callEvent({ id }, { id }));
        await patient({ ...late, id: `${id}-2`, call: { ...late.call, id } });
      }),
    );

    expect(world.org().tasks()).toHaveLength(ids.length);
    const [lead, ...others] = world.org().leads();
    expect(others).toEqual([]);
    for (const { fields } of world.org().tasks()) {
      expect(fields).toMatchObject({ WhoId: lead?.id, CallDurationInSeconds: 35 });
      expect(fields.Description).toContain('Late words');
    }
  });

  it('says whether a write may have been done', async () => {
    const told = (id: string) => failure(send(callEvent({ id }, { id })));
    world.org().faults.lostAnswer = { times: 1 };
    expect(await told('a')).toMatchObject({ maybeDone: true });
    world.org().faults.errorAfterCommit = { times: 1 };
    expect(await told('b')).toMatchObject({ reason: 'provider_error', maybeDone: true });
    world.org().faults.errorBeforeCommit = { times: 1 };
    expect(await told('c')).toMatchObject({ maybeDone: false });
    world.org().faults.locked = { times: 1 };
    expect(await told('d')).toMatchObject({ reason: 'row_locked', maybeDone: false });
  });

  it('waits for a quarter of an hour when the day’s requests are used up', async () => {
    await world.restart({ requestsLeft: 0 });

    expect(await failure(send())).toMatchObject({ reason: 'rate_limited', retryAfterMs: 900_000 });
  });

  it.each(['Callwire_Call_Id__c', 'Callwire_Written__c'] as const)(
    'names the field %s where nobody created it',
    async (name) => {
      await world.restart({ lacking: [name] });
      const error = await failure(send());

      expect(error).toMatchObject({ reason: 'field_missing', scope: 'destination' });
      expect(error).toHaveProperty('message', expect.stringContaining(name));
      expect(error).toHaveProperty('message', expect.stringContaining('README'));
    },
  );

  it('names the field of leads only where one is to be created', async () => {
    await world.restart({ lacking: ['Callwire_Phone__c'] });
    const error = await failure(send(callEvent(), { contacts: { none: 'create' } }));
    await send();

    expect(error).toMatchObject({ reason: 'field_missing', scope: 'request' });
    expect(error).toHaveProperty('message', expect.stringContaining('Callwire_Phone__c'));
  });

  it('names a field whose value Salesforce refuses, and repeats nothing else of the answer', async () => {
    const error = await failure(send(callEvent(), { statuses: { completed: CALLER } }));

    expect(error).toMatchObject({ reason: 'fields_refused', scope: 'request' });
    const shown = inspect(error, { depth: 9, showHidden: true });
    expect(shown).toContain('Status');
    expect(shown).not.toContain(CALLER);
  });

  it('says so when an owner does not exist', async () => {
    const error = await failure(send(callEvent(), { owners: { default: '005000000000009AAA' } }));

    expect(error).toMatchObject({ name: 'PermanentError', reason: 'record_missing' });
    expect(error).toHaveProperty('message', expect.stringContaining('OwnerId'));
  });
});
