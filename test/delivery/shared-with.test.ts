import { expect, it } from 'vitest';
import { withholdable } from '../../lib/calls/withhold.ts';
import { sharedWith } from '../../lib/delivery/shared-with.ts';
import { callEvent, connectionEvent } from '../delivery/events.ts';

const event = callEvent(
  { type: 'call.updated', revision: 2, changes: ['summary', 'attributes.mood', 'status'] },
  {
    transcriptUrl: 'https://media.example.com/t/1',
    contactId: 'patient-7',
    attributes: { patientName: 'Sara', mood: 'fine' },
  },
);

it('leaves everything where nothing is omitted, and what is about no call', () => {
  expect(sharedWith(event, [])).toBe(event);
  expect(sharedWith(connectionEvent(), withholdable)).toEqual(connectionEvent());
});

it.each([
  ['summary', { summary: null }],
  ['numbers', { from: null, to: null, contactNumber: null, agentNumber: null }],
  ['recording', { recordingUrl: null }],
  ['transcript', { transcriptUrl: null }],
  ['patient', { contactId: null, attributes: { mood: 'fine' } }],
  ['attributes', { attributes: {} }],
] as const)('takes %s out and nothing else', (group, gone) => {
  const { call } = event;

  expect(sharedWith(event, [group])).toMatchObject({ id: event.id, call: { ...call, ...gone } });
});

it('does not name what changed where that is omitted', () => {
  expect(sharedWith(event, ['summary']).changes).toEqual(['attributes.mood', 'status']);
  expect(sharedWith(event, ['attributes']).changes).toEqual(['summary', 'status']);
});
