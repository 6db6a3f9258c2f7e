import { beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import { type HubSpotSettings, hubspot } from '../../lib/destinations/hubspot/index.ts';
import { sender } from '../../lib/destinations/hubspot/send.ts';
import { type HubSpotLookalike, startHubSpot } from '../../lib/local/simulators/hubspot.ts';
import { callEvent } from '../delivery/events.ts';

const CALLER = '+966501234567';

let account: HubSpotLookalike;
beforeEach(async () => {
  const ample = { perSecond: 1_000, burst: 1_000 };
  account = await startHubSpot({ token: 'pat', limit: ample, searchLimit: ample });
  return () => account.close();
});

const first = callEvent({}, { summary: 'First words', recordingUrl: null });
const late = callEvent(
  { id: 'evt-2', type: 'call.updated', revision: 2, changes: ['summary', 'recordingUrl'] },
  { summary: 'Late words' },
);
const outgoing = (event = first, over: object = {}): Outgoing<HubSpotSettings> => ({
  event,
  settings: hubspot.settings.parse({
    id: 'crm',
    kind: 'hubspot',
    token: 'env:HUBSPOT_TOKEN',
    baseUrl: account.url,
    ...over,
  }),
  secrets: { token: 'pat' },
});
const send = (event = first, over: object = {}) => sender.send(outgoing(event, over));
const record = () => {
  const [only, ...others] = account.records();
  if (only === undefined || others.length > 0) throw new Error('There is not one record');
  return only;
};

describe('what became known late', () => {
  it('replaces what we wrote, and nothing that a person wrote or emptied', async () => {
    await send();
    account.editCall(record().id, { hs_call_title: 'Call Sara back', hs_call_to_number: '' });
    await send(late);

    expect(record().properties).toMatchObject({
      hs_call_title: 'Call Sara back',
      hs_call_to_number: '',
      hs_call_recording_url: 'https://media.example.com/r/1.mp3',
    });
    expect(record().properties.hs_call_body).toContain('Late words');
  });

  it('leaves a text alone that a person added to, however often it changes', async () => {
    await send();
    const { id, properties } = record();
    account.editCall(id, { hs_call_body: `${properties.hs_call_body}<p>Spoke to her.</p>` });
    await send(late);
    await send({ ...late, id: 'evt-3', revision: 3 });

    expect(record().properties.hs_call_body).toContain('First words');
    expect(record().properties.hs_call_body).toContain('Spoke to her.');
  });

  it('knows its own words again in the spelling that HubSpot answers', async () => {
    await send();
    const { id, properties } = record();
    account.editCall(id, {
      hs_timestamp: '2026-11-20T09:58:10Z',
      hs_call_body: `<div>${properties.hs_call_body?.replaceAll('</p><p>', '</p>\n <p>')}</div>`,
    });
    await send({ ...late, call: { ...late.call, startedAt: '2026-11-20T09:58:11.000Z' } });

    expect(record().properties.hs_timestamp).toBe('2026-11-20T09:58:11.000Z');
    expect(record().properties.hs_call_body).toContain('Late words');
  });

  it('does not touch what stood there before Callwire came', async () => {
    await send();
    account.editCall(record().id, { callwire_written: '', hs_call_to_number: '' });
    await send(late);

    expect(record().properties.hs_call_body).toContain('First words');
    expect(record().properties.hs_call_to_number).toBe('+966112223333');
  });

  it('leaves a call with whom a person associated it', async () => {
    account.addContact({ phone: CALLER });
    const other = account.addContact({ phone: '+966500000000' });
    await send();
    account.reassociate(record().id, other);
    await send(late);

    expect(record().associated.map(({ id }) => id)).toEqual([other]);
  });
});

describe('words of the account’s own', () => {
  it('are written in the place of the defaults', async () => {
    const wrongNumber = '17b47fee-58de-441e-a44c-c6300d46f273';
    await send(first, {
      statuses: { completed: 'CONNECTING' },
      dispositions: { completed: wrongNumber },
      owners: { agents: { 'support agent': '77' } },
    });

    expect(record().properties).toMatchObject({
      hs_call_status: 'CONNECTING',
      hs_call_disposition: wrongNumber,
      hubspot_owner_id: '77',
    });
  });

  it('are checked when the file is read', () => {
    const refused = [
      { statuses: { completed: 'DONE' } },
      { statuses: { complete: 'COMPLETED' } },
      { dispositions: { busy: 'Busy' } },
      { owners: { connections: { 'clinic-riyadh': 'sara@example.com' } } },
      { contacts: { formats: [] } },
      { contacts: { ours: ['011 222 3333'] } },
    ];
    for (const over of refused) expect(() => outgoing(first, over), JSON.stringify(over)).toThrow();
  });
});

describe('the configured formats of a number', () => {
  it('are the only ones that count', async () => {
    const local = account.addContact({ phone: '050 123 4567' });

    expect(await send(first, { contacts: { formats: ['e164', 'digits'] } })).not.toHaveProperty(
      'contact',
    );
    expect(await send(late, { contacts: { formats: ['national'] } })).toMatchObject({
      contact: local,
    });
  });

  it('are tried in their order', async () => {
    account.addContact({ phone: '966501234567' });
    const local = account.addContact({ phone: '050 123 4567' });

    expect(await send(first, { contacts: { formats: ['national', 'digits'] } })).toMatchObject({
      contact: local,
    });
  });

  it('do not find anybody by a number of our own', async () => {
    account.addContact({ phone: CALLER });

    expect(await send(first, { contacts: { ours: [CALLER] } })).not.toHaveProperty('contact');
  });
});
