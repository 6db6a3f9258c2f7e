import { describe, expect, it } from 'vitest';
import { callStatusSchema, outcomeSchema } from '../../lib/calls/call.ts';
import { externalId } from '../../lib/calls/external-id.ts';
import { hubspot } from '../../lib/destinations/hubspot/index.ts';
import { propertiesToWrite } from '../../lib/destinations/hubspot/record.ts';
import type { CallEvent } from '../../lib/events/event.ts';
import { call, callEvent, failedCall } from '../delivery/events.ts';

const settingsWith = (over: object = {}) =>
  hubspot.settings.parse({ id: 'crm', kind: 'hubspot', token: 'env:HUBSPOT_TOKEN', ...over });

/** What is written of a call that is not there yet. */
const recordOf = (event: CallEvent, over: object = {}): Record<string, string> => {
  const { callwire_written: written, ...fields } =
    propertiesToWrite(event, settingsWith(over), undefined) ?? {};
  expect(written).toMatch(/^\d+( \w+=[\w-]{6})+$/);
  return fields;
};

const ALLOWED =
  /^(BUSY|CALLING_CRM_USER|CANCELED|COMPLETED|CONNECTING|FAILED|IN_PROGRESS|NO_ANSWER|QUEUED|RINGING)$/;

describe('the record of a call', () => {
  it('says all that is known', () => {
    expect(recordOf(callEvent())).toEqual({
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
      hs_call_disposition: 'f240bbac-87c9-4f6e-bf70-924b57d47db7',
    });
  });

  it('has a status for whatever became of a call', () => {
    for (const status of callStatusSchema.options) {
      for (const outcome of outcomeSchema.options) {
        const written = recordOf(callEvent({}, { status, outcome }));
        expect(written.hs_call_status, `${status} ${outcome}`).toMatch(ALLOWED);
      }
    }
    const unknown = (outcome: 'completed' | 'failed') =>
      recordOf(callEvent({}, { status: 'unknown', outcome })).hs_call_status;
    expect([unknown('completed'), unknown('failed')]).toEqual(['COMPLETED', 'FAILED']);
  });

  it('always has the time that HubSpot requires', () => {
    const event = callEvent({}, { startedAt: null, createdAt: null, endedAt: null });

    expect(recordOf(event).hs_timestamp).toBe(event.occurredAt);
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

    expect(Object.keys(recordOf(event)).sort()).toEqual([
      'hs_call_disposition',
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
    const body = recordOf(event).hs_call_body ?? '';

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
    const body = recordOf(event).hs_call_body ?? '';

    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/<p>…<\/p>$/);
  });

  it('is the same for every event of a call, and another for another connection', () => {
    expect(externalId(failedCall().call)).toBe(externalId(call()));
    expect(externalId(call({ connection: 'other' }))).not.toBe(externalId(call()));
    expect(externalId(call())).toMatch(/^[0-9a-f]{32}$/);
  });
});
