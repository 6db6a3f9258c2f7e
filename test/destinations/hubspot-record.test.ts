import { describe, expect, it } from 'vitest';
import { callStatusSchema, outcomeSchema } from '../../lib/calls/call.ts';
import { externalId } from '../../lib/calls/external-id.ts';
import { nationalDigits, sameNumber } from '../../lib/destinations/hubspot/phone.ts';
import { isTold, propertiesToWrite } from '../../lib/destinations/hubspot/record.ts';
import { call, callEvent, failedCall } from '../delivery/events.ts';

const ALLOWED =
  /^(BUSY|CALLING_CRM_USER|CANCELED|COMPLETED|CONNECTING|FAILED|IN_PROGRESS|NO_ANSWER|QUEUED|RINGING)$/;

describe('the record of a call', () => {
  it('says all that is known', () => {
    expect(propertiesToWrite(callEvent(), undefined)).toEqual({
      hs_timestamp: '2026-11-20T09:58:10.000Z',
      hs_call_title: 'Appointment',
      hs_call_body:
        '<p>The caller asked for a later appointment.</p><p><a href="https://app.example.com/calls/call-1">Open call</a></p>',
      hs_call_status: 'COMPLETED',
      hs_call_direction: 'INBOUND',
      hs_call_duration: '35000',
      hs_call_from_number: '+966501234567',
      hs_call_to_number: '+966112223333',
      hs_call_recording_url: 'https://media.example.com/r/1.mp3',
      callwire_revision: '1',
    });
  });

  it('has a status for whatever became of a call', () => {
    for (const status of callStatusSchema.options) {
      for (const outcome of outcomeSchema.options) {
        const written = propertiesToWrite(callEvent({}, { status, outcome }), undefined);
        expect(written.hs_call_status, `${status} ${outcome}`).toMatch(ALLOWED);
      }
    }
    const unknown = (outcome: 'completed' | 'failed') =>
      propertiesToWrite(callEvent({}, { status: 'unknown', outcome }), undefined).hs_call_status;
    expect([unknown('completed'), unknown('failed')]).toEqual(['COMPLETED', 'FAILED']);
  });

  it('always has the time that HubSpot requires', () => {
    const event = callEvent({}, { startedAt: null, createdAt: null, endedAt: null });

    expect(propertiesToWrite(event, undefined).hs_timestamp).toBe(event.occurredAt);
  });

  it('leaves out what nobody knows, rather than emptying it', () => {
    const event = callEvent(
      {},
      {
        direction: null,
        durationSeconds: null,
        from: null,
        to: null,
        summary: null,
        recordingUrl: 'http://media.example.com/1.mp3',
        url: null,
        attributes: {},
        agent: { id: null, name: null },
      },
    );

    expect(Object.keys(propertiesToWrite(event, undefined)).sort()).toEqual([
      'callwire_revision',
      'hs_call_status',
      'hs_call_title',
      'hs_timestamp',
    ]);
  });

  it('shows what callers said, and does not obey it', () => {
    const event = callEvent(
      {},
      {
        summary: '<script>alert(1)</script> & "x"\nsecond line',
        url: 'javascript:alert(1)',
        transcriptUrl: 'https://example.com/?a=1&b="><img>',
        attributes: { leadQualification: '<b>hot</b>', empty: null, list: ['<i>'] },
      },
    );
    const body = propertiesToWrite(event, undefined).hs_call_body ?? '';

    expect(body).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;<br>second line',
    );
    expect(body).toContain('<b>Lead qualification</b>: &lt;b&gt;hot&lt;/b&gt;');
    expect(body).not.toMatch(/<script|<img|<i>|javascript|Empty/);
  });

  it('fits into a property of HubSpot, whatever the event holds', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`name${index}`, '"'.repeat(1_000)]),
    );
    const event = callEvent({}, { summary: '&'.repeat(4_096), attributes });
    const body = propertiesToWrite(event, undefined).hs_call_body ?? '';

    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/<p>…<\/p>$/);
  });

  it('is the same for every event of a call, and another for another connection', () => {
    expect(externalId(failedCall().call)).toBe(externalId(call()));
    expect(externalId(call({ connection: 'other' }))).not.toBe(externalId(call()));
    expect(externalId(call())).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a later version of a call', () => {
  const updated = callEvent(
    { type: 'call.updated', revision: 2, changes: ['summary', 'attributes.mood'] },
    { summary: 'New words', attributes: { title: 'Appointment' } },
  );
  const before = {
    callwire_revision: '1',
    hs_timestamp: '2026-11-20T09:58:10Z',
    hs_call_title: 'Edited by a person',
    hs_call_status: 'COMPLETED',
    hs_call_direction: 'INBOUND',
    hs_call_from_number: '+966501234567',
    hs_call_to_number: '',
  };

  it('writes what it changed and what is still empty, and leaves the rest to people', () => {
    const event = { ...updated, changes: ['summary'] };

    expect(Object.keys(propertiesToWrite(event, before)).sort()).toEqual([
      'callwire_revision',
      'hs_call_body',
      'hs_call_duration',
      'hs_call_recording_url',
      'hs_call_to_number',
    ]);
  });

  it('writes everything when a version in between never got here', () => {
    const event = { ...updated, revision: 3 };

    expect(propertiesToWrite(event, before)).toMatchObject({ hs_call_title: 'Appointment' });
  });

  it('is not undone by an earlier one that comes late', () => {
    expect(isTold(callEvent(), { callwire_revision: '2' })).toBe(true);
    expect(isTold(updated, { callwire_revision: '1' })).toBe(false);
    expect(isTold(callEvent(), {})).toBe(false);
  });
});

describe('a number that somebody typed', () => {
  it.each([
    ['+966 50 123 4567', 'exact'],
    ['00966501234567', 'exact'],
    ['966501234567', 'exact'],
    ['+966 (0)50 123 4567', 'exact'],
    ['050 123 4567', 'local'],
    ['501234567 ext. 12', 'local'],
    ['+971 50 123 4567', undefined],
    ['00971501234567', undefined],
    ['0501234568', undefined],
    ['', undefined],
  ])('%s is the caller: %s', (typed, how) => {
    expect(sameNumber(typed, '+966501234567')).toBe(how);
  });

  it.each([
    ['+12025550123', '2025550123'],
    ['+442079460000', '2079460000'],
    ['+966501234567', '501234567'],
    ['+201001234567', '1001234567'],
    ['+390612345678', '0612345678'],
  ])('%s is dialled at home as %s', (number, national) => {
    expect(nationalDigits(number)).toBe(national);
  });
});
