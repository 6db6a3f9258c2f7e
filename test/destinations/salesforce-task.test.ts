import { describe, expect, it } from 'vitest';
import { callStatusSchema } from '../../lib/calls/call.ts';
import { salesforce } from '../../lib/destinations/salesforce/index.ts';
import { descriptionOf, fieldsToWrite } from '../../lib/destinations/salesforce/task.ts';
import { call, callEvent } from '../delivery/events.ts';

const settings = salesforce.settings.parse({
  id: 'crm',
  kind: 'salesforce',
  url: 'https://acme.my.salesforce.com',
  clientId: '3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC',
  clientSecret: 'env:SALESFORCE_SECRET',
});

describe('the description of a task', () => {
  it('tells what is to be read, in plain text', () => {
    const facts = { leadQualification: '<b>hot</b>', empty: null };

    expect(descriptionOf(call({ attributes: facts, reason: 'provider.error' }))).toBe(
      [
        'The caller asked for a later appointment.',
        '',
        'Call: https://app.example.com/calls/call-1',
        'Recording: https://media.example.com/r/1.mp3',
        'From: +966501234567',
        'To: +966112223333',
        'Reason: provider error',
        'Lead qualification: <b>hot</b>',
      ].join('\n'),
    );
  });

  it('is cut visibly where Salesforce holds no more, and never within a character', () => {
    for (const length of [31_930, 31_931, 31_932, 40_000]) {
      const text = descriptionOf(
        call({ summary: `${'a'.repeat(length % 2)}${'😀'.repeat(length)}` }),
      );

      expect(text.length).toBeLessThanOrEqual(32_000);
      expect(text).toMatch(/cut by Callwire/);
      expect(text.isWellFormed()).toBe(true);
    }
    expect(descriptionOf(call({ summary: 'x'.repeat(20_000) }))).not.toContain('cut');
  });
});

describe('the fields of a task', () => {
  it('have words for whatever became of a call', () => {
    for (const status of callStatusSchema.options) {
      for (const outcome of ['completed', 'failed'] as const) {
        const fields = fieldsToWrite(
          callEvent({}, { status, outcome }),
          settings,
          undefined,
          undefined,
        );
        expect(fields, status).toMatchObject({ TaskSubtype: 'Call' });
        expect(fields?.Status).toBeTruthy();
        expect(fields?.CallDisposition).toBeTruthy();
      }
    }
  });

  it('leave out what nobody knows', () => {
    const event = callEvent({}, { direction: null, durationSeconds: null });

    expect(Object.keys(fieldsToWrite(event, settings, undefined, undefined) ?? {}).sort()).toEqual([
      'ActivityDate',
      'CallDisposition',
      'Callwire_Written__c',
      'Description',
      'Status',
      'Subject',
      'TaskSubtype',
    ]);
  });

  it('fit, with a mark of each, into the text field that remembers them', () => {
    const everything = salesforce.settings.parse({
      ...settings,
      owners: { default: '005000000000001AAA' },
      related: { default: '701000000000001AAA' },
    });
    const event = callEvent({ revision: 999_999_999 });
    const fields = fieldsToWrite(event, everything, '003000000000001AAA', undefined);

    expect(Object.keys(fields ?? {})).toHaveLength(12);
    expect(String(fields?.Callwire_Written__c).length).toBeLessThanOrEqual(255);
  });
});

it.each(['41629779', '0015g00000FgHiJ', '0055g00000FgHi'])(
  'says once, in words, that %s is nobody whose call it can be',
  (owner) => {
    const given = {
      ...{ id: 'sales', kind: 'salesforce', url: 'https://acme.my.salesforce.com' },
      ...{ clientId: '3MVG9VwZxxW3bBQjhE6m', clientSecret: 'env:SALESFORCE_SECRET' },
    };
    const problems = (id: string) =>
      salesforce.settings
        .safeParse({ ...given, owners: { default: id } })
        .error?.issues.map(({ message }) => message);

    expect(problems('00G5g00000FgHiJ')).toBeUndefined();
    expect(problems(owner)).toEqual([expect.stringContaining('user or queue')]);
  },
);
