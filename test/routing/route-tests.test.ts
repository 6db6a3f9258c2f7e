import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../lib/config/config-error.ts';
import { type Event, eventSchema, eventTypes } from '../../lib/events/event.ts';
import { readEventFile, readRouteTests, runRouteTests } from '../../lib/routing/route-tests.ts';
import { brief, GOOD, read } from '../config/sample-file.ts';
import { anEvent } from './arbitraries.ts';

const { config } = read(GOOD);

const eventIn = (text: string): Event => readEventFile(text, 'event.json', config);

function problemsIn(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(brief);
    throw error;
  }
  throw new Error('it was accepted');
}

describe('an event of which only a part is written', () => {
  it.each(eventTypes)('is a whole %s when its type is written', (type) => {
    const event = eventIn(JSON.stringify({ type }));

    expect(eventSchema.parse(event)).toEqual(event);
    expect(event.type).toBe(type);
  });

  it.each([
    ['type: call.completed', { outcome: 'completed', status: 'completed', reason: null }],
    ['type: call.failed', { outcome: 'failed', status: 'failed', reason: 'provider.error' }],
    ['type: call.stale', { outcome: 'open', status: 'in_progress', endedAt: null }],
    ['{ type: call.failed, call: { status: busy } }', { outcome: 'failed', reason: 'busy' }],
    ['{ type: call.failed, call: { reason: busy } }', { outcome: 'failed', status: 'busy' }],
    ['{ type: call.failed, call: { reason: rain } }', { status: 'failed', reason: 'rain' }],
    ['{ type: call.completed, call: { status: transferred } }', { outcome: 'completed' }],
    ['{ type: call.completed, call: { status: unknown } }', { outcome: 'completed' }],
    ['{ type: call.updated, call: { outcome: failed } }', { status: 'failed' }],
    [
      '{ type: call.updated, call: { reason: no_answer } }',
      { status: 'no_answer', outcome: 'failed' },
    ],
    ['{ type: call.stale, call: { outcome: completed } }', { status: 'completed' }],
    ['{ type: call.failed, call: { connection: clinic } }', { provider: 'hamsa' }],
    ['{ type: call.failed, call: { agent: { name: A } } }', { agent: { id: null, name: 'A' } }],
  ])('has what follows from %s', (text, call) => {
    expect(eventIn(text)).toMatchObject({ call });
  });

  it('has nothing that nobody wrote and that its type does not imply', () => {
    expect(eventIn('type: call.completed')).toMatchObject({
      changes: [],
      call: { connection: 'sample', provider: 'sample', direction: null, attributes: {} },
    });
  });

  it('knows the provider of a connection that fails', () => {
    expect(eventIn('{ type: connection.failing, connection: { id: clinic } }')).toMatchObject({
      connection: { id: 'clinic', provider: 'hamsa', reason: 'unreachable' },
    });
  });

  it('is taken out of what EventBridge hands to a target', () => {
    const text = '{ "source": "callwire", "detail": { "type": "delivery.failing" } }';

    expect(eventIn(text).type).toBe('delivery.failing');
  });

  it('is itself where it is whole', () => {
    fc.assert(
      fc.property(anEvent, (event) => {
        expect(eventIn(JSON.stringify(event))).toEqual(event);
      }),
    );
  });

  it.each([
    ['', '1 : the file is empty. Write an event: { "type": "call.failed" }.'],
    ['{}', '1 type: is missing.'],
    [
      '{ type: call.fialed }',
      '1 type: "call.fialed" is not a possible value. Did you mean "call.failed"?',
    ],
    [
      'type: call.failed\ncall:\n  resaon: busy',
      '3 call.resaon: is not a known field. Did you mean "reason"?',
    ],
    [
      'type: call.failed\ncall:\n  agent: { nam: A }',
      '3 call.agent.nam: is not a known field. Did you mean "name"?',
    ],
    ['type: connection.failing\ncall: {}', '2 call: is not a known field.'],
    [
      'type: call.failed\ncall: { status: bussy }',
      '2 call.status: "bussy" is not a possible value. Did you mean "busy"?',
    ],
    [
      '{ type: call.completed, call: { status: busy } }',
      '1 : no call.completed has outcome failed, status busy and reason "busy". Write only one',
    ],
    [
      '{ type: call.failed, call: { status: queued } }',
      '1 : no call.failed has outcome open, status queued and no reason.',
    ],
    [
      '{ type: call.failed, call: { outcome: completed } }',
      '1 : no call.failed has outcome completed, status completed and no reason.',
    ],
  ])('is refused with line and fix: %j', (text, expected) => {
    expect(problemsIn(() => eventIn(text))).toEqual([expect.stringContaining(expected)]);
  });
});

const TESTS = `cases:
  - name: a failure reaches ops and the hook
    event: { type: call.failed, call: { connection: clinic } }
    to: [hook, ops]
  - name: a busy line does not reach ops
    event: { type: call.failed, call: { connection: clinic, reason: busy } }
    to: [hook]
  - name: a connection in trouble reaches nobody
    event: { type: connection.failing }
    to: []
`;

const run = (text: string) =>
  runRouteTests(readRouteTests(text, 'routes.test.yaml', config), config.routes);

describe('tests of routes', () => {
  it('pass where the destinations are those expected, in any order', () => {
    expect(run(TESTS).map(({ line, passed }) => [line, passed])).toEqual([
      [2, true],
      [5, true],
      [8, true],
    ]);
  });

  it('fail where somebody is told too much or too little, and say why', () => {
    const [result] = run(TESTS.replace('to: [hook, ops]', 'to: [hook]'));
    const [, silent] = run(TESTS.replace('to: [hook]\n', 'to: [ops]\n'));

    expect(result).toMatchObject({ passed: false, missing: [], unexpected: ['ops'] });
    expect(silent).toMatchObject({
      passed: false,
      missing: ['ops'],
      unexpected: ['hook'],
      destinations: ['hook'],
      routes: [
        { route: 'failures', because: { field: 'reason', found: 'busy' } },
        { matched: true },
      ],
    });
  });

  it.each([
    ['', '1 : the file is empty. Write cases, as `callwire routes test --help` shows.'],
    ['cases: []\n', '1 cases: has too few items.'],
    ['- name: a\n', '1 : is not a group of fields.'],
    [TESTS.replace('cases:', 'case:'), '1 case: is not a known field. Did you mean "cases"?'],
    [
      TESTS.replace('to: []', 'too: []'),
      '10 cases[2].too: is not a known field. Did you mean "to"?',
    ],
    [
      TESTS.replace('to: []', 'to: [opz]'),
      '10 cases[2].to[0]: "opz" is not a destination. Did you mean "ops"?',
    ],
    [
      TESTS.replace('reason: busy', 'reson: busy'),
      '6 cases[1].event.call.reson: is not a known field. Did you mean "reason"?',
    ],
    [
      TESTS.replace('    event: { type: connection.failing }\n', ''),
      '8 cases[2].event: is missing.',
    ],
  ])('are refused as a file with line and fix (%#)', (text, expected) => {
    expect(problemsIn(() => run(text))).toEqual([expect.stringContaining(expected)]);
  });
});
