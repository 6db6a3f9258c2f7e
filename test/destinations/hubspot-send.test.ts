import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import { type HubSpotSettings, hubspot } from '../../lib/destinations/hubspot/index.ts';
import { sender } from '../../lib/destinations/hubspot/send.ts';
import { TransientError } from '../../lib/errors.ts';
import type { Event } from '../../lib/events/event.ts';
import {
  type HubSpotFaults,
  type HubSpotLookalike,
  type HubSpotOptions,
  hubspotScopes,
  startHubSpot,
} from '../../lib/local/simulators/hubspot.ts';
import { callEvent, deliveryEvent, failedCall } from '../delivery/events.ts';
import { json, startStub } from './stub-server.ts';

const TOKEN = 'pat-do-not-leak';
const CALLER = '+966501234567';

let account: HubSpotLookalike;
const start = async (options: Partial<HubSpotOptions> = {}) => {
  const ample = { perSecond: 1_000, burst: 1_000 };
  account = await startHubSpot({ token: TOKEN, limit: ample, searchLimit: ample, ...options });
};
beforeEach(async () => {
  await start();
  return () => account.close();
});
const restart = async (options: Partial<HubSpotOptions>) => {
  await account.close();
  await start(options);
};

const outgoing = (event: Event = callEvent(), over: object = {}): Outgoing<HubSpotSettings> => ({
  event,
  settings: hubspot.settings.parse({
    id: 'crm',
    kind: 'hubspot',
    token: 'env:HUBSPOT_TOKEN',
    baseUrl: account.url,
    ...over,
  }),
  secrets: { token: TOKEN },
});
const withPolicy = (contacts: Partial<HubSpotSettings['contacts']>, event: Event = callEvent()) =>
  outgoing(event, { contacts });

const failure = async (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  );

/** As the delivery engine does, without its waits. */
async function sendUntilDone(what: Outgoing<HubSpotSettings>) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const error = await failure(sender.send(what));
    if (error === undefined) return;
    if (!(error instanceof TransientError)) throw error;
  }
  throw new Error('It never got through');
}

const associated = () =>
  account.records().map((record) => record.associated.map(({ id, typeId }) => [id, typeId]));

describe('the settings', () => {
  it('need a token only', () => {
    const given = { id: 'crm', kind: 'hubspot', token: 'env:HUBSPOT_TOKEN' };

    expect(hubspot.settings.parse(given)).toMatchObject({
      contacts: { none: 'log-unassociated', many: 'newest' },
      property: 'callwire_call_id',
    });
  });

  it('pace the deliveries of one token together', () => {
    const { settings } = outgoing();

    expect(hubspot.pace(settings)).toEqual(hubspot.pace({ ...settings, id: 'other' }));
  });
});

describe('logging a call', () => {
  it('creates the properties it needs in an account that has never seen it', async () => {
    const receipt = await sender.send(outgoing());

    const [record] = account.records();
    expect(receipt).toEqual({ call: record?.id });
    expect(record?.properties).toMatchObject({
      hs_call_status: 'COMPLETED',
      hs_call_duration: '35000',
    });
  });

  it('is one record however often and by however many it is tried', async () => {
    await sender.send(outgoing());
    await Promise.all([1, 2, 3].map(() => sender.send(outgoing())));

    expect(account.records()).toHaveLength(1);
    expect(account.records()[0]?.writes).toBe(1);
  });

  it('is one record when several begin at once in a new account', async () => {
    const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => sendUntilDone(outgoing())));

    expect(attempts.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    expect(account.records()).toHaveLength(1);
  });

  it('is read back by a replay: told, not told yet, or told in part', async () => {
    const earlier = outgoing(callEvent({}, { summary: null }));
    const later = outgoing(callEvent({ revision: 2 }, { summary: 'She comes on Monday' }));
    const stateOf = async (what: Outgoing<HubSpotSettings>) =>
      (await sender.readBack?.(what, new Date(0)))?.state;

    expect(await stateOf(earlier)).toBe('absent');
    await sender.send(earlier);
    expect(await stateOf(earlier)).toBe('arrived');
    expect(await stateOf(later)).toBe('absent');
    await sender.send(later);
    const requests = account.requests().length;
    expect([await stateOf(earlier), await stateOf(later)]).toEqual(['arrived', 'arrived']);
    expect(account.requests().length).toBe(requests + 2);
  });

  it('patches late facts in without touching the rest', async () => {
    await sender.send(outgoing(callEvent({}, { summary: null, recordingUrl: null })));
    const late = callEvent(
      { id: 'evt-2', type: 'call.updated', revision: 2, changes: ['summary', 'recordingUrl'] },
      { from: null, durationSeconds: null },
    );
    await sender.send(outgoing(late));

    const [record, ...others] = account.records();
    expect(others).toEqual([]);
    expect(record?.properties).toMatchObject({
      hs_call_from_number: CALLER,
      hs_call_duration: '35000',
      hs_call_recording_url: 'https://media.example.com/r/1.mp3',
    });
    expect(record?.properties.hs_call_body).toContain('later appointment');
  });

  it('keeps the later facts when the earlier ones come last', async () => {
    const late = callEvent({ type: 'call.updated', revision: 2, changes: ['summary'] });
    await sender.send(outgoing(late));
    await sender.send(outgoing(callEvent({}, { summary: 'Old words' })));

    expect(account.records()).toHaveLength(1);
    expect(account.records()[0]?.properties.hs_call_body).toContain('later appointment');
  });

  it.each<[string, Event]>([
    ['call.stale', callEvent({ type: 'call.stale' }, { outcome: 'open', status: 'in_progress' })],
    ['delivery.failing', deliveryEvent()],
  ])('declines %s without a request', async (_type, event) => {
    expect(await sender.send(outgoing(event))).toEqual({ skipped: 'no_outcome' });
    expect(account.requests()).toEqual([]);
  });
});

describe('whose call it was', () => {
  it('is found in every place and form of a number, whole numbers first', async () => {
    account.addContact({ phone: '050 123 4567' });
    const exact = account.addContact({ mobilephone: '+966 50 123 4567' });
    account.addContact({ phone: '+971 50 123 4567' });

    expect(await sender.send(outgoing())).toMatchObject({ contact: exact });
    expect(associated()).toEqual([[[exact, 194]]]);
  });

  it('is not somebody with the same digits in another country', async () => {
    account.addContact({ phone: '+971501234567' });

    expect(await sender.send(outgoing())).not.toHaveProperty('contact');
  });

  it('is never the agent', async () => {
    account.addContact({ phone: '+966112223333' });

    expect(await sender.send(outgoing())).not.toHaveProperty('contact');
  });

  it('is nobody when the call has no number', async () => {
    const unknown = { contactNumber: 'anonymous', from: null, to: null };

    await sender.send(withPolicy({ none: 'create' }, callEvent({}, unknown)));
    expect(await sender.send(withPolicy({ none: 'skip' }, callEvent({}, unknown)))).toEqual({
      skipped: 'no_contact',
    });

    expect(account.contacts()).toEqual([]);
    expect(account.records()).toHaveLength(1);
  });

  it('leaves a call without contact unassociated, or out, or creates one, as configured', async () => {
    expect(await sender.send(withPolicy({ none: 'skip' }))).toEqual({ skipped: 'no_contact' });
    expect(account.records()).toEqual([]);

    expect(await sender.send(withPolicy({ none: 'log-unassociated' }))).not.toHaveProperty(
      'contact',
    );
    expect(account.contacts()).toEqual([]);

    await sender.send(withPolicy({ none: 'create' }));
    const [contact] = account.contacts();
    expect(contact?.properties).toMatchObject({ phone: CALLER, callwire_phone: CALLER });
    expect(associated()).toEqual([[[contact?.id, 194]]]);
  });

  it('creates a caller once, though search does not find what is new', async () => {
    await restart({ indexLagMs: 3_600_000 });
    const calls = ['a', 'b', 'c', 'd'].map((id) => callEvent({ id }, { id }));

    await Promise.all(calls.map((event) => sendUntilDone(withPolicy({ none: 'create' }, event))));

    expect(account.contacts()).toHaveLength(1);
    const [contact] = account.contacts();
    expect(associated()).toEqual(calls.map(() => [[contact?.id, 194]]));
  });

  it('is the newest, the first, nobody, or no log, when several have the number', async () => {
    const first = account.addContact({ phone: CALLER });
    const newest = account.addContact({ phone: CALLER });

    const told = (id: string, many: HubSpotSettings['contacts']['many']) =>
      sender.send(withPolicy({ many }, callEvent({ id }, { id })));
    expect(await told('a', 'newest')).toMatchObject({ contact: newest });
    expect(await told('b', 'first')).toMatchObject({ contact: first });
    expect(await told('c', 'log-unassociated')).not.toHaveProperty('contact');
    expect(await told('d', 'skip')).toEqual({ skipped: 'several_contacts' });
  });

  it('is searched for once, and again when the contact is gone', async () => {
    const id = account.addContact({ phone: CALLER });
    await sender.send(outgoing());
    const second = outgoing(callEvent({ id: 'evt-2' }, { id: 'call-2' }));
    await sender.send(second);
    const searches = () => account.requests().filter((each) => each.includes('search')).length;
    expect(searches()).toBe(1);

    account.removeContact(id);
    const next = account.addContact({ phone: CALLER });
    const third = outgoing(callEvent({ id: 'evt-3' }, { id: 'call-3' }));
    expect(await failure(sender.send(third))).toMatchObject({ reason: 'contact_gone' });
    expect(await sender.send(third)).toMatchObject({ contact: next });
    expect(searches()).toBe(2);
  });
});

describe('whatever goes wrong', () => {
  const faults: [string, Partial<HubSpotFaults>][] = [
    ['429', { tooManyRequests: 0.3 }],
    ['423', { locked: 0.3 }],
    ['an error before the write', { errorBeforeCommit: 0.3 }],
    ['an error after the write', { errorAfterCommit: 0.3 }],
    ['a lost answer', { lostAnswer: 0.3 }],
    [
      'everything at once',
      { tooManyRequests: 0.1, errorBeforeCommit: 0.1, errorAfterCommit: 0.1, lostAnswer: 0.1 },
    ],
  ];

  it.each(faults)('there is one complete record per call after %s', async (_name, given) => {
    await restart({ faults: given, indexLagMs: 3_600_000, seed: 7 });
    const ids = Array.from({ length: 12 }, (_, index) => `call-${index}`);

    await Promise.all(
      ids.map(async (id) => {
        await sendUntilDone(withPolicy({ none: 'create' }, callEvent({ id }, { id })));
        const event = { id: `${id}-2`, type: 'call.updated' as const, revision: 2 };
        const changes = ['summary'];
        const update = callEvent({ ...event, changes }, { id, summary: 'Late words' });
        await sendUntilDone(withPolicy({ none: 'create' }, update));
      }),
    );

    expect(account.records()).toHaveLength(ids.length);
    expect(
      new Set(account.records().map((record) => record.properties.callwire_call_id)).size,
    ).toBe(ids.length);
    for (const { properties, associated: contacts } of account.records()) {
      expect(properties.hs_call_body).toContain('Late words');
      expect(properties).toMatchObject({
        hs_call_from_number: CALLER,
      });
      expect(contacts).toHaveLength(1);
    }
    expect(account.contacts()).toHaveLength(1);
  });

  it('says whether a write may have been done', async () => {
    await sender.send(outgoing());
    const second = outgoing(callEvent({ id: 'b' }, { id: 'b' }));
    account.faults.lostAnswer = { times: 1 };
    expect(await failure(sender.send(second))).toMatchObject({ maybeDone: true });
    account.faults.errorAfterCommit = { times: 1 };
    const third = outgoing(callEvent({ id: 'c' }, { id: 'c' }));
    expect(await failure(sender.send(third))).toMatchObject({
      reason: 'provider_error',
      maybeDone: true,
    });
    account.faults.errorBeforeCommit = { times: 1 };
    const fourth = outgoing(callEvent({ id: 'd' }, { id: 'd' }));
    expect(await failure(sender.send(fourth))).toMatchObject({ maybeDone: false });
  });

  it.each<[string, number, Record<string, string>, number | undefined]>([
    ['TEN_SECONDLY_ROLLING', 429, {}, 10_000],
    ['SECONDLY', 429, {}, 1_000],
    ['DAILY', 429, {}, 3_600_000],
    ['SECONDLY', 429, { 'retry-after': '7' }, 7_000],
    ['', 423, {}, 2_000],
    ['', 477, { 'retry-after': '3600' }, 3_600_000],
  ])('waits out the limit %s of a %i', async (policyName, status, headers, retryAfterMs) => {
    const stub = await startStub();
    stub.answer = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ status: 'error', policyName }));
    };

    const error = await failure(sender.send(outgoing(callEvent(), { baseUrl: stub.url })));
    await stub.close();

    expect(error).toMatchObject({ reason: 'rate_limited', retryAfterMs, maybeDone: false });
  });

  it('names the scopes that the token lacks', async () => {
    await restart({ scopes: ['crm.objects.contacts.read'] });
    const error = await failure(sender.send(outgoing()));

    expect(error).toMatchObject({ reason: 'missing_scopes', scope: 'destination' });
    expect(error).toHaveProperty('message', expect.stringContaining('crm.objects.contacts.write'));
  });

  it('says how to create the property by hand where it may not', async () => {
    await restart({ scopes: hubspotScopes.filter((scope) => !scope.startsWith('crm.schemas')) });
    const error = await failure(sender.send(outgoing()));

    expect(error).toMatchObject({ reason: 'property_missing', scope: 'destination' });
    expect(error).toHaveProperty('message', expect.stringContaining('callwire_call_id'));
    expect(error).toHaveProperty('message', expect.stringContaining('unique values'));
    expect(error).toHaveProperty('message', expect.stringContaining('crm.schemas.contacts.write'));
  });

  it('says so when the property that is configured is not unique', async () => {
    const what = outgoing(callEvent(), { property: 'hs_call_title' });

    expect(await failure(sender.send(what))).toMatchObject({ reason: 'property_not_unique' });
  });

  it('says of a wrong token that it is to be replaced', async () => {
    const what = { ...outgoing(), secrets: { token: 'pat-wrong' } };
    expect(await failure(sender.send(what))).toMatchObject({ reason: 'key_refused' });

    const broken = { ...outgoing(), secrets: { token: 'pat-\nbroken' } };
    const error = await failure(sender.send(broken));
    expect(error).toMatchObject({ reason: 'key_malformed' });
    expect(inspect(error, { depth: 9 })).not.toContain('broken');
  });

  it('names a property that HubSpot refuses, and repeats nothing else of the answer', async () => {
    const stub = await startStub();
    stub.answer = ({ path, body }, response) => {
      const refused = [{ name: 'hs_call_status', error: 'INVALID_OPTION', message: body }];
      const message = `Property values were not valid: ${JSON.stringify(refused)}`;
      if (path.includes('/properties/')) json(response, { hasUniqueValue: true });
      else json(response, { status: 'error', category: 'VALIDATION_ERROR', message }, 400);
    };

    const error = await failure(sender.send(outgoing(callEvent(), { baseUrl: stub.url })));
    await stub.close();

    expect(error).toMatchObject({ reason: 'properties_refused', scope: 'request' });
    const shown = inspect(error, { depth: 9, showHidden: true });
    expect(shown).toContain('hs_call_status');
    for (const word of [TOKEN, CALLER, '501234567', 'appointment']) {
      expect(shown).not.toContain(word);
    }
  });

  it('does not take a 207 without a result for success', async () => {
    const stub = await startStub();
    stub.answer = ({ path }, response) => {
      if (!path.includes('upsert')) json(response, {}, 404);
      else json(response, { status: 'COMPLETE', results: [], numErrors: 1, errors: [] }, 207);
    };

    const error = await failure(sender.send(outgoing(failedCall(), { baseUrl: stub.url })));
    await stub.close();

    expect(error).toMatchObject({ reason: 'unreadable_answer' });
  });
});
