import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../lib/config/settings.ts';
import type { Event } from '../../lib/events/event.ts';
import { matches, mismatch } from '../../lib/routing/match.ts';
import { callEvent, connectionFailing, deliveryFailing } from './events.ts';

const failed = callEvent();
const completed = callEvent({ outcome: 'completed', reason: null }, 'call.completed');
const endless = callEvent({ durationSeconds: null });
const nameless = callEvent({ agent: { id: null, name: null }, direction: null, attributes: {} });
const delivery = deliveryFailing('ops');

describe('a condition', () => {
  it.each<[string, Condition, Event]>([
    ['nothing asked', {}, failed],
    ['its type', { type: 'call.failed' }, failed],
    ['one type of several', { type: ['call.updated', 'call.failed'] }, failed],
    ['a type that is not excluded', { type: { not: 'call.updated' } }, failed],
    ['a connection of a call', { connection: 'clinic' }, failed],
    ['a connection in trouble', { connection: 'clinic' }, connectionFailing],
    ['a provider of a call', { provider: 'hamsa' }, failed],
    ['a provider of a connection', { provider: 'hamsa' }, connectionFailing],
    ['an agent by id', { agent: 'agent-7' }, failed],
    ['an agent by name in any case', { agent: 'RECEPTION ÖMER' }, failed],
    ['an outcome', { outcome: 'failed' }, failed],
    ['a reason of a call', { reason: ['busy', 'no_answer'] }, failed],
    ['a reason of a connection', { reason: 'key_refused' }, connectionFailing],
    ['a reason of a delivery', { reason: 'channel_not_found' }, delivery],
    ['no reason where reasons are excluded', { reason: { not: ['busy'] } }, completed],
    ['no agent where agents are excluded', { agent: { not: 'agent-7' } }, nameless],
    ['no agent of a connection', { agent: { not: 'agent-7' } }, connectionFailing],
    ['a direction', { direction: 'inbound' }, failed],
    ['a direction unknown', { direction: { not: 'inbound' } }, nameless],
    ['a duration at the lower limit', { durationSeconds: { atLeast: 30 } }, failed],
    ['a duration between limits', { durationSeconds: { atLeast: 10, lessThan: 31 } }, failed],
    ['an attribute', { attributes: { category: 'sales' } }, failed],
    ['several attributes', { attributes: { score: [4, 5], booked: true } }, failed],
    ['an attribute that is missing', { attributes: { other: { not: 'x' } } }, failed],
    ['an attribute of something without any', { attributes: { a: { not: 1 } } }, delivery],
  ])('is met by %s', (_, condition, event) => {
    expect(mismatch(condition, event)).toBeUndefined();
    expect(matches(condition, event)).toBe(true);
  });

  it.each<[string, Condition, Event, string]>([
    ['another type', { type: 'call.failed' }, completed, 'type'],
    ['an excluded type', { type: { not: ['call.failed'] } }, failed, 'type'],
    ['another connection', { connection: 'other' }, failed, 'connection'],
    ['a delivery, which has no connection', { connection: 'clinic' }, delivery, 'connection'],
    ['another provider', { provider: 'samva' }, failed, 'provider'],
    ['an id in another case', { agent: 'AGENT-7' }, failed, 'agent'],
    ['an agent excluded by name', { agent: { not: 'reception ömer' } }, failed, 'agent'],
    ['an agent excluded by id', { agent: { not: ['agent-7'] } }, failed, 'agent'],
    ['a call without an agent', { agent: 'agent-7' }, nameless, 'agent'],
    ['another outcome', { outcome: 'completed' }, failed, 'outcome'],
    ['a connection, which has no outcome', { outcome: 'failed' }, connectionFailing, 'outcome'],
    ['no reason', { reason: 'busy' }, completed, 'reason'],
    ['an excluded reason', { reason: { not: ['busy'] } }, failed, 'reason'],
    ['an unknown direction', { direction: ['inbound', 'outbound'] }, nameless, 'direction'],
    [
      'a duration at the upper limit',
      { durationSeconds: { lessThan: 30 } },
      failed,
      'durationSeconds',
    ],
    ['a shorter call', { durationSeconds: { atLeast: 31 } }, failed, 'durationSeconds'],
    ['an unknown duration', { durationSeconds: { atLeast: 0 } }, endless, 'durationSeconds'],
    ['an unknown short duration', { durationSeconds: { lessThan: 9 } }, endless, 'durationSeconds'],
    ['a number where text is asked', { attributes: { score: '5' } }, failed, 'attributes.score'],
    [
      'a boolean where text is asked',
      { attributes: { booked: 'true' } },
      failed,
      'attributes.booked',
    ],
    ['a missing attribute', { attributes: { other: 'x' } }, failed, 'attributes.other'],
    ['an attribute that is a list', { attributes: { tags: 'a' } }, failed, 'attributes.tags'],
    ['a null attribute', { attributes: { note: '' } }, failed, 'attributes.note'],
    ['an inherited name', { attributes: { constructor: 'x' } }, failed, 'attributes.constructor'],
    [
      'one attribute of two',
      { attributes: { score: 5, category: 'x' } },
      failed,
      'attributes.category',
    ],
  ])('is not met by %s', (_, condition, event, field) => {
    expect(mismatch(condition, event)).toMatchObject({ field });
    expect(matches(condition, event)).toBe(false);
  });

  it('explains what it wanted and what it found', () => {
    expect(mismatch({ type: 'call.failed', reason: { not: ['busy'] } }, failed)).toEqual({
      field: 'reason',
      wanted: { not: ['busy'] },
      found: 'busy',
    });
    expect(mismatch({ outcome: 'failed' }, delivery)).toEqual({
      field: 'outcome',
      wanted: 'failed',
      found: undefined,
    });
  });
});

const word = fc.constantFrom('busy', 'no_answer', 'agent-7', 'Reception Ömer', 'clinic', 'sales');
const words = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }));
const anEvent = fc.constantFrom<Event>(failed, completed, nameless, connectionFailing, delivery);
const field = fc.constantFrom('connection', 'provider', 'agent', 'reason');

describe('any condition', () => {
  it('with `not` is met by exactly the events that the same condition without it refuses', () => {
    fc.assert(
      fc.property(field, words, anEvent, (name, wanted, event) => {
        expect(matches({ [name]: { not: wanted } }, event)).toBe(
          !matches({ [name]: wanted }, event),
        );
        expect(matches({ attributes: { category: { not: wanted } } }, event)).toBe(
          !matches({ attributes: { category: wanted } }, event),
        );
      }),
    );
  });

  it('of several fields is met by exactly the events that meet each of them', () => {
    fc.assert(
      fc.property(fc.dictionary(field, words), anEvent, (condition, event) => {
        const parts = Object.entries(condition).map(([name, wanted]) => ({ [name]: wanted }));

        expect(matches(condition, event)).toBe(parts.every((part) => matches(part, event)));
      }),
    );
  });
});
