import fc from 'fast-check';
import { callStatusSchema, conclude } from '../../lib/calls/call.ts';
import type { Condition } from '../../lib/config/condition.ts';
import { type Event, eventTypes } from '../../lib/events/event.ts';
import { callEvent, connectionFailing, deliveryFailing } from './events.ts';

const word = fc.constantFrom(
  'busy',
  'no_answer',
  'b',
  'rain',
  'clinic',
  'summary',
  'Reception Ömer',
);
const words = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 2 }));
const comparison = fc.oneof(
  fc.record({ prefix: fc.constantFrom('b', 'no', 'R') }),
  fc.record({ exists: fc.boolean() }),
);
/** What a condition may ask of a field that holds text. */
export const textWanted = fc.oneof(
  words,
  comparison,
  fc.record({ not: fc.oneof(words, comparison) }),
  fc.record({ prefix: fc.constantFrom('b', 'r'), not: words }),
);
const number = fc.integer({ min: 0, max: 4 });
const numberWanted = fc.oneof(
  number,
  fc.array(number, { minLength: 1, maxLength: 3 }),
  fc
    .record({ gt: number, gte: number, lt: number, lte: number }, { requiredKeys: [] })
    .filter((limits) => Object.keys(limits).length > 0),
);
const type = fc.constantFrom(...eventTypes);
const status = fc.constantFrom(...callStatusSchema.options);
const oneOf = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }), fc.record({ not: value }));

const texts = [
  'reason',
  'call.reason',
  'connection',
  'agent',
  'changes',
  'attributes.tags',
] as const;

/** A condition as a file may have it, over few words, so that conditions meet events and each other. */
export const aCondition: fc.Arbitrary<Condition> = fc
  .record(
    {
      type: oneOf(type),
      outcome: oneOf(fc.constantFrom('open', 'completed', 'failed')),
      'call.status': oneOf(status),
      'call.durationSeconds': numberWanted,
      ...Object.fromEntries(texts.map((name) => [name, textWanted])),
    },
    { requiredKeys: [] },
  )
  .chain((all) =>
    fc
      .subarray(Object.keys(all), { maxLength: 2 })
      .map((names) =>
        Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))),
      ),
  );

const aCall = fc
  .record({
    status,
    reason: fc.option(word),
    endedAt: fc.constantFrom(null, '2026-01-31T09:00:00.000Z'),
    durationSeconds: fc.option(number),
    connection: fc.constantFrom('clinic', 'b'),
    agent: fc.record({ id: fc.option(word), name: fc.option(word) }),
    attributes: fc.record({ tags: fc.oneof(word, fc.array(word)) }, { requiredKeys: [] }),
  })
  .map((call) => ({ ...call, ...conclude(call, call.endedAt) }));

/** An event as it can really be: its outcome follows from its status, its type from its outcome. */
export const anEvent: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        aCall,
        fc.array(word, { maxLength: 2 }),
        fc.constantFrom('call.updated', 'call.stale', 'outcome'),
      )
      .map(([call, changes, kind]): Event => {
        const isOpen = call.outcome === 'open';
        const type =
          isOpen || kind === 'call.stale'
            ? 'call.stale'
            : kind === 'outcome'
              ? (`call.${call.outcome}` as const)
              : 'call.updated';
        return { ...callEvent(call, type === 'call.open' ? 'call.stale' : type), changes };
      }),
  },
  fc
    .tuple(word, fc.constantFrom('connection.failing', 'connection.recovered', 'provider.drifted'))
    .map(
      ([reason, type]): Event => ({
        ...connectionFailing,
        type,
        connection: { ...connectionFailing.connection, reason },
      }),
    ),
  word.map(
    (reason): Event => ({
      ...deliveryFailing('d1'),
      delivery: { ...deliveryFailing('d1').delivery, reason },
    }),
  ),
);
