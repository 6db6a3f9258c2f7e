import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionSchema } from '../../lib/config/condition.ts';
import { type Route, routeSchema } from '../../lib/config/settings.ts';
import { checkRoutes } from '../../lib/routing/check-routes.ts';
import { reasonsOf } from '../../lib/routing/reasons.ts';
import { routeEvent } from '../../lib/routing/route.ts';
import { brief, GOOD, read, refusal } from '../config/sample-file.ts';
import { aCondition, anEvent, textWanted } from './arbitraries.ts';

/** The good file with other routes, from line 14 on. */
const withRoutes = (...lines: string[]) => {
  const start = GOOD.indexOf('routes:');
  const end = GOOD.indexOf('alarms:');
  return `${GOOD.slice(0, start)}routes:\n${lines.map((line) => `  ${line}\n`).join('')}${GOOD.slice(end)}`;
};
const errorsIn = (...lines: string[]) => refusal(withRoutes(...lines)).problems.map(brief);
const warningsIn = (...lines: string[]) => read(withRoutes(...lines)).warnings.map(brief);

describe('a condition of a file', () => {
  it.each([
    ['{ type: call.failed, call.status: [no_answer, busy], call.agent.name: A }'],
    ['{ call.from: { prefix: "+966" }, call.to: { not: { prefix: ["+1", "+44"] } } }'],
    ['{ durationSeconds: { atLeast: 30, lessThan: 60 }, call.durationSeconds: { gt: 1, lte: 9 } }'],
    ['{ changes: [summary, attributes.workflowStatus], call.summary: { exists: true } }'],
    ['{ call.attributes.customFields.plan: gold, attributes: { score: { gte: 4 } } }'],
    ['{ type: { prefix: delivery. }, reason: channel_not_found, delivery.destination: ops }'],
    ['{ type: connection.failing, reason: { not: rate_limited }, connection.id: clinic }'],
    ['{ type: call.failed, reason: [no_answer, terminated, provider.error] }'],
    ['{ type: call.stale, outcome: completed }'],
    ['{ type: call.completed, reason: { not: [busy] } }'],
    ['{ replay: false, revision: { gt: 1 }, corrects: { exists: true } }'],
  ])('may be %s', (when) => {
    expect(warningsIn(`- { id: a, when: ${when}, to: [ops] }`)).toEqual([]);
  });

  it.each([
    ['call.resaon: busy', 'call.resaon: is no field of an event. Did you mean "call.reason"?'],
    ['status: busy', 'status: is no field of an event. Did you mean "call.status"?'],
    ['resaon: busy', 'resaon: is no field of an event. Did you mean "reason"?'],
    ['weather: fine', 'weather: is no field of an event. Write one of: type, connection,'],
    [
      'call.agent.nam: A',
      'call.agent.nam: is no field of an event. Did you mean "call.agent.name"?',
    ],
    [
      'call.agent: A',
      'call.agent: is a group of fields. Ask for one of: call.agent.id, call.agent.name.',
    ],
    ['call: { reason: busy }', 'call: is a group of fields. Ask for one of: call.connection,'],
    ['call.status: bussy', 'call.status: "bussy" is not a possible value. Did you mean "busy"?'],
    [
      'outcome: { not: [fialed] }',
      'outcome.not[0]: "fialed" is not a possible value. Did you mean "failed"?',
    ],
    ['type: { prefix: cal. }', 'type.prefix: "cal." starts no possible value. '],
    ['type: { not: { prefix: clal. } }', 'type.not.prefix: "clal." starts no possible value. '],
    ['changes: sumary', 'changes: "sumary" is not a possible value. Did you mean "summary"?'],
    [
      'call.connection: clinc',
      'call.connection: "clinc" is not a connection. Did you mean "clinic"?',
    ],
    [
      'delivery.destination: opz',
      'delivery.destination: "opz" is not a destination. Did you mean "ops"?',
    ],
    ['call.from: +966500000000', 'call.from: is not text. Put it in double quotes.'],
    [
      'durationSeconds: "30"',
      'durationSeconds: "30" is not a number. Write digits without quotes,',
    ],
    ['replay: "no"', 'replay: "no" is neither true nor false. Write true or false.'],
    ['reason: { gt: 3 }', 'reason.gt: compares numbers, and this is none.'],
    [
      'durationSeconds: { prefix: "3" }',
      'durationSeconds.prefix: compares text, and this is none.',
    ],
    ['durationSeconds: { gte: 60, lt: 30 }', 'durationSeconds: leaves room for no number.'],
    ['durationSeconds: { gt: 30, lessThan: 30 }', 'durationSeconds: leaves room for no number.'],
    ['attributes: { a: { gt: 3, lt: 3 } }', 'attributes.a: leaves room for no number.'],
    ['reason: { exists: false, prefix: a }', 'reason: asks for something of what is not there.'],
    ['reason: {}', 'reason: asks for nothing.'],
    ['reason: { not: {} }', 'reason.not: asks for nothing.'],
    [
      'call.summary: { preifx: a }',
      'call.summary.preifx: is not a known field. Did you mean "prefix"?',
    ],
    ['call.durationSeconds: { gt: "3" }', 'call.durationSeconds.gt: "3" is not a number.'],
  ])('may not be { %s }', (clause, expected) => {
    expect(errorsIn(`- { id: a, when: { ${clause} }, to: [ops] }`)).toEqual([
      expect.stringContaining(`15 routes[0].when.${expected}`),
    ]);
  });

  it.each([
    [
      'type: call.completed, reason: busy',
      'reason: is met by no event: there is nothing here in call.completed.',
    ],
    [
      'type: call.completed, outcome: failed',
      'outcome: is met by no event: there is only completed here in call.completed.',
    ],
    [
      'type: call.failed, call.status: queued',
      'call.status: is met by no event: there is only no_answer, busy, canceled, failed here in call.failed.',
    ],
    [
      'type: connection.failing, call.agent.id: a',
      'call.agent.id: is met by no event: there is nothing here in connection.failing.',
    ],
    [
      'outcome: completed, call.status: busy',
      ': is met by no event: its conditions exclude each other.',
    ],
    [
      'connection.reason: unreachable, call.reason: busy',
      ': is met by no event: its conditions exclude each other.',
    ],
    ['type: { not: { exists: true } }', 'type: excludes every type of event.'],
  ])('is refused where no event can meet it: { %s }', (clauses, expected) => {
    const at = expected.startsWith(':') ? expected : `.${expected}`;

    expect(errorsIn(`- { id: a, when: { ${clauses} }, to: [ops] }`)).toEqual([
      expect.stringContaining(`15 routes[0].when${at}`),
    ]);
  });

  it.each([
    [
      'reason: [noanswer]',
      'reason[0]: "noanswer" is a reason that nothing here gives. Did you mean "no_answer"?',
    ],
    [
      'reason: { not: [bussy] }',
      'reason.not[0]: "bussy" is a reason that nothing here gives. Did you mean "busy"?',
    ],
    [
      'type: call.failed, reason: rain',
      'reason: "rain" is a reason that nothing here gives. Write one of: ',
    ],
    ['call.reason: key_refused', 'call.reason: "key_refused" is a reason that nothing here gives.'],
    [
      'type: connection.failing, reason: key_refusd',
      'reason: "key_refusd" is a reason that nothing here gives. Did you mean "key_refused"?',
    ],
  ])('is doubted, but followed, where nothing gives its reason: { %s }', (clauses, expected) => {
    expect(warningsIn(`- { id: a, when: { ${clauses} }, to: [ops] }`)).toEqual([
      expect.stringContaining(`15 routes[0].when.${expected}`),
    ]);
  });

  it('may ask for a reason that a connection’s own statuses bring', () => {
    const overrides = 'statusOverrides: { ODD: { status: failed, reason: rain } }';
    const text = withRoutes('- { id: a, when: { type: call.failed, reason: rain }, to: [ops] }');

    expect(read(text.replace('statusOverrides: { ODD: failed }', overrides)).warnings).toEqual([]);
  });

  it('is checked although another field of its route cannot be read', () => {
    expect(errorsIn('- { id: a, when: { resaon: busy }, to: ops }')).toHaveLength(2);
  });
});

describe('a route that nothing reaches', () => {
  const never = (line: number, index: number, taker: string) =>
    `${line} routes[${index}]: is never reached: "${taker}" before it takes every event that it asks for. Move it before "${taker}", or add continue: true there.`;

  it('is told at the default route that stands before it', () => {
    expect(
      errorsIn('- { id: all, to: [ops] }', '- { id: b, to: [ops] }', '- { id: c, to: [] }'),
    ).toEqual([
      '15 routes[0]: takes every event, so that no route after it is reached, such as "b". Move it to the end, or give it a when, or continue: true.',
    ]);
  });

  it('is no route behind one that takes everything and goes on', () => {
    expect(
      warningsIn('- { id: log, to: [hook], continue: true }', '- { id: all, to: [ops] }'),
    ).toEqual([]);
  });

  it.each([
    ['one that asks for more', '{ type: call.failed }', '{ type: call.failed, reason: busy }'],
    ['some of the values', '{ call.status: [busy, no_answer] }', '{ call.status: no_answer }'],
    [
      'a value that is not excluded',
      '{ reason: { not: no_answer } }',
      '{ type: call.failed, reason: busy }',
    ],
    [
      'a value with the prefix',
      '{ call.from: { prefix: "+9" } }',
      '{ call.from: ["+966", "+971"] }',
    ],
    ['what a type always is', '{ outcome: failed }', '{ type: call.failed }'],
    ['a value of what exists', '{ call.reason: { exists: true } }', '{ call.reason: busy }'],
    ['a condition of both lists', '{ changes: [summary, from] }', '{ changes: [summary] }'],
  ])('is refused behind %s', (_, wide, narrow) => {
    const routes = [
      `- { id: a, when: ${wide}, to: [ops] }`,
      `- { id: b, when: ${narrow}, to: [hook] }`,
    ];

    expect(errorsIn(...routes)).toEqual([never(16, 1, 'a')]);
    expect(warningsIn(...routes.toReversed())).toEqual([]);
    expect(warningsIn(`${routes[0]?.slice(0, -2)}, continue: true }`, routes[1] ?? '')).toEqual([]);
  });

  it('is refused behind the same condition, in whatever order it is written', () => {
    expect(
      errorsIn(
        '- { id: a, when: { reason: [busy], type: call.failed }, to: [ops] }',
        '- { id: b, when: { type: call.failed, reason: [busy] }, to: [hook] }',
      ),
    ).toEqual([never(16, 1, 'a')]);
  });

  it('is not suspected where a list may hold other values, too', () => {
    expect(
      warningsIn(
        '- { id: a, when: { changes: { not: from } }, to: [ops] }',
        '- { id: b, when: { changes: summary }, to: [hook] }',
        '- { id: c, when: { agent: { not: x } }, to: [ops] }',
        '- { id: d, when: { agent: y }, to: [hook] }',
      ),
    ).toEqual([]);
  });
});

/** Ids of the routes of which is said that no event can reach them, or meet them. */
function refused(routes: readonly Route[]): string[] {
  const { errors } = checkRoutes(routes, routes, reasonsOf([], []));
  return errors.flatMap(({ path: [, at], message }) => {
    const isDefault = message.startsWith('takes every event');
    const isSure = /never reached|met by no event|every type|no number/.test(message);
    return routes
      .filter((_, index) => (isDefault ? index > Number(at) : isSure && index === Number(at)))
      .map(({ id }) => id);
  });
}

const inOrder = (conditions: readonly unknown[]) =>
  conditions.map((when, index) => routeSchema.parse({ id: `r${index}`, when, to: [`r${index}`] }));

const aPair = fc
  .tuple(
    fc.constantFrom('reason', 'call.reason', 'agent', 'changes', 'attributes.tags'),
    textWanted,
    textWanted,
  )
  .map(([field, first, second]) => [{ [field]: first }, { [field]: second }]);

describe('any route that is refused', () => {
  it.each([
    ['among others', fc.array(aCondition, { minLength: 1, maxLength: 4 })],
    ['behind one about the same field', aPair],
  ])('%s takes no event indeed', (_, conditions) => {
    fc.assert(
      fc.property(conditions, anEvent, (written, event) => {
        const routes = inOrder(written);

        const told = routeEvent(routes, event).destinations;

        expect(refused(routes).filter((id) => told.includes(id))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('reading a condition', () => {
  it('takes a group of attributes apart', () => {
    expect(
      conditionSchema.parse({ type: 'call.failed', attributes: { a: 1, 'b.c': [2] } }),
    ).toEqual({
      type: 'call.failed',
      'attributes.a': 1,
      'attributes.b.c': [2],
    });
  });
});
