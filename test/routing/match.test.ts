import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionSchema } from '../../lib/config/condition.ts';
import type { Event } from '../../lib/events/event.ts';
import * as match from '../../lib/routing/match.ts';
import { callEvent, connectionFailing, deliveryFailing } from './events.ts';

/** A condition as it is written in a file. */
type Condition = Readonly<Record<string, unknown>>;

const mismatch = (condition: Condition, event: Event) =>
  match.mismatch(conditionSchema.parse(condition), event);
const matches = (condition: Condition, event: Event) =>
  match.matches(conditionSchema.parse(condition), event);

const failed = callEvent();
const completed = callEvent({ outcome: 'completed', reason: null }, 'call.completed');
const endless = callEvent({ durationSeconds: null });
const nameless = callEvent({ agent: { id: null, name: null }, direction: null, attributes: {} });
const delivery = deliveryFailing('ops');
const updated: Event = {
  ...callEvent(
    {
      attributes: {
        'a.b': 1,
        scores: [1, 9],
        plan: { name: 'gold', steps: [{ n: 1 }, { n: 2 }] },
      },
    },
    'call.updated',
  ),
  changes: ['summary', 'status'],
};

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
    ['a path', { 'call.status': 'busy', 'call.agent.id': 'agent-7' }, failed],
    ['a path of a connection', { 'connection.since': { prefix: '2026-01' } }, connectionFailing],
    ['a path of a delivery', { 'delivery.destination': ['crm', 'ops'] }, delivery],
    ['any value of a list', { changes: ['from', 'summary'] }, updated],
    ['an attribute that is a list', { attributes: { tags: 'a' } }, failed],
    ['a field of an attribute', { 'call.attributes.plan.name': 'gold' }, updated],
    ['a field in a list of an attribute', { 'call.attributes.plan.steps.n': { gt: 1 } }, updated],
    ['an attribute with a dot in its name', { attributes: { 'a.b': 1 } }, updated],
    ['a prefix', { 'call.providerStatus': { prefix: ['X', 'BU'] } }, failed],
    ['a prefix that is excluded elsewhere', { reason: { not: { prefix: 'provider.' } } }, failed],
    ['limits', { durationSeconds: { gt: 29, lte: 30, gte: 30, lt: 31 } }, failed],
    ['limits and a number that is not excluded', { durationSeconds: { gte: 1, not: 31 } }, failed],
    ['limits that are excluded', { durationSeconds: { not: { gt: 30 } } }, failed],
    ['a value that exists', { reason: { exists: true } }, failed],
    ['a value that does not exist', { reason: { exists: false } }, completed],
    ['an empty list, which is nothing', { changes: { exists: false } }, failed],
    ['a boolean', { replay: false }, failed],
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
    ['another path', { 'call.status': ['no_answer', 'failed'] }, failed, 'call.status'],
    ['a path beyond a value', { 'call.status.x': 'busy' }, failed, 'call.status.x'],
    ['a path to a group', { 'call.agent': 'agent-7' }, failed, 'call.agent'],
    ['a list without any of the values', { changes: ['from', 'to'] }, updated, 'changes'],
    ['a list with an excluded value', { changes: { not: 'summary' } }, updated, 'changes'],
    ['another prefix', { reason: { prefix: 'us' } }, failed, 'reason'],
    [
      'a prefix of a number',
      { 'call.durationSeconds': { prefix: '3' } },
      failed,
      'call.durationSeconds',
    ],
    [
      'a prefix in another case',
      { 'call.providerStatus': { prefix: 'bu' } },
      failed,
      'call.providerStatus',
    ],
    ['the limit itself', { durationSeconds: { gt: 30 } }, failed, 'durationSeconds'],
    ['the other limit itself', { durationSeconds: { lt: 30 } }, failed, 'durationSeconds'],
    ['a limit of text', { reason: { gt: 0 } }, failed, 'reason'],
    [
      'two values that each keep one limit',
      { attributes: { scores: { gt: 3, lt: 7 } } },
      updated,
      'attributes.scores',
    ],
    [
      'a number that is excluded',
      { durationSeconds: { gte: 1, not: 30 } },
      failed,
      'durationSeconds',
    ],
    ['a value that does not exist', { reason: { exists: true } }, completed, 'reason'],
    ['a value that exists', { reason: { exists: false } }, failed, 'reason'],
    ['a missing attribute', { attributes: { other: 'x' } }, failed, 'attributes.other'],
    ['a list without the value', { attributes: { tags: 'b' } }, failed, 'attributes.tags'],
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
