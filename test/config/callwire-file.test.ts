import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, type Problem } from '../../lib/config/config-error.ts';
import { brief, GOOD, read, refusal, spoilt } from './sample-file.ts';

describe('a good file', () => {
  it('is read with defaults filled in and durations in milliseconds', () => {
    const { config, warnings } = read(GOOD);

    expect(warnings).toEqual([]);
    expect(config.connections).toMatchObject([
      { id: 'clinic', poll: { every: 60_000, max: 960_000 }, firstRun: 'baseline' },
    ]);
    expect(config.destinations.map(({ kind }) => kind)).toEqual(['slack', 'webhook']);
    expect(config.routes.map((route) => route.continue)).toEqual([true, false]);
    expect(config.alarms).toEqual({ email: 'ops@example.com' });
  });

  it('keeps what was written beside what was read', () => {
    const { source } = read(GOOD).config;

    expect(source.connections).toMatchObject([{ poll: { every: '1m', max: '16m' } }]);
    expect(source.connections).not.toMatchObject([{ firstRun: 'baseline' }]);
    expect(source.destinations).toHaveLength(2);
    expect(source.routes).toHaveLength(2);
  });

  it('needs neither destinations nor alarms', () => {
    const text =
      'connections:\n  - { id: a, provider: solum, key: "secret:callwire/providers/main#a" }\n';

    expect(read(text).config).toMatchObject({ destinations: [], routes: [] });
  });
});

describe('a bad file', () => {
  const key = 'key: env:HAMSA_API_KEY';
  const never = 'Never write a secret here.';
  // What is replaced, by what, and line, field, message and fix (or their beginning) of the one problem.
  it.each([
    [
      'a misspelt provider',
      'provider: hamsa\n',
      'provider: hamza\n',
      '3 connections[0].provider: "hamza" is not a provider. Did you mean "hamsa"?',
    ],
    [
      'a provider nobody knows',
      'provider: hamsa\n',
      'provider: retell\n',
      '3 connections[0].provider: "retell" is not a provider. Write one of: hamsa, samva, solum, vozagent.',
    ],
    [
      'a misspelt field',
      '    share:',
      '    shar:',
      '7 connections[0].shar: is not a known field. Did you mean "share"?',
    ],
    [
      'a misspelt required field, told once',
      'provider: hamsa\n',
      'provdier: hamsa\n',
      '3 connections[0].provdier: is not a known field. Did you mean "provider"?',
    ],
    [
      'a misspelt section',
      'alarms:',
      'alarm:',
      '22 alarm: is not a known field. Did you mean "alarms"?',
    ],
    [
      'a misspelt name in a flow mapping',
      'max: 16m',
      'mx: 16m',
      '5 connections[0].poll.mx: is not a known field. Did you mean "max"?',
    ],
    [
      'a missing field',
      '    provider: hamsa\n',
      '',
      '2 connections[0].provider: is missing. Add it, such as provider: hamsa',
    ],
    [
      'an empty field',
      'provider: hamsa\n',
      'provider:\n',
      '3 connections[0].provider: is empty. Write a value',
    ],
    [
      'a channel that YAML takes for a comment',
      '  - { id: ops, kind: slack, token: env:SLACK_BOT_TOKEN, channel: "#voice", fallback: hook }\n',
      '  - id: ops\n    kind: slack\n    token: env:T\n    channel: #voice\n',
      '12 destinations[0].channel: is empty. Write a value; one that starts with # needs quotes, as in channel: "#voice-ops".',
    ],
    [
      'a channel in brackets that YAML takes for a comment',
      '"#voice", fallback: hook }',
      '#voice, fallback: hook }',
      '9 : all from here to the end of the line is a comment, and hides a bracket that closes. Put a value that starts with # in double quotes, as in channel: "#voice-ops".',
    ],
    [
      'such a channel at the very end',
      'alarms: { email: ops@example.com }',
      'alarms: { email: "#b", x: #a }',
      '22 : all from here to the end of the line is a comment, and hides a bracket that closes.',
    ],
    [
      'a value right behind a bracket that YAML takes for a comment',
      'to: [hook]',
      'to: [#hook]',
      '21 : all from here to the end of the line is a comment, and hides a bracket that closes.',
    ],
    [
      'a bracket that is not closed, below a comment with brackets',
      'routes:\n  - id: failures\n    when: { type: [call.failed], connection: clinic, reason: { not: [busy] } }',
      'routes: # {a}\n  - id: failures # as in [x]\n    when: { type: [call.failed]',
      '17 : the indentation does not fit, or a bracket above is not closed.',
    ],
    [
      'a key in the file',
      key,
      'key: hk_live_51H8xyz',
      `4 connections[0].key: holds something that is not a reference to a secret. ${never} Put it in an environment variable and write key: env:NAME`,
    ],
    [
      'a key that is a number',
      key,
      'key: 8675309',
      `4 connections[0].key: holds something that is not a reference to a secret. ${never}`,
    ],
    [
      'a malformed reference',
      key,
      'key: secret:elsewhere/main',
      `4 connections[0].key: is not a well-formed reference to a secret. ${never}`,
    ],
    [
      'a token in the file',
      'env:SLACK_BOT_TOKEN',
      'xoxb-123-456',
      `9 destinations[0].token: holds something that is not a reference to a secret. ${never}`,
    ],
    [
      'an interval without a unit',
      'every: 1m',
      'every: 60',
      '5 connections[0].poll.every: is not a duration. Write a number and a unit, such as 30s',
    ],
    [
      'an interval in words',
      'every: 1m',
      'every: often',
      '5 connections[0].poll.every: is not a duration. Write a number and a unit, such as 30s',
    ],
    [
      'an interval out of range',
      'every: 1m',
      'every: 100ms',
      '5 connections[0].poll.every: is out of range. Write 1s to 24h.',
    ],
    [
      'an interval above its maximum',
      'every: 1m',
      'every: 20m',
      '5 connections[0].poll.max: is shorter than every',
    ],
    [
      'a misspelt status',
      'ODD: failed',
      'ODD: faild',
      '6 connections[0].statusOverrides.ODD: "faild" is not a possible value. Did you mean "failed"?',
    ],
    [
      'a misspelt status with a reason',
      'ODD: failed',
      'ODD: { status: bussy, reason: x }',
      '6 connections[0].statusOverrides.ODD.status: "bussy" is not a possible value. Did you mean "busy"?',
    ],
    [
      'a misspelt thing to share',
      'summary: false',
      'sumary: false',
      '7 connections[0].share.sumary: is not a known field. Did you mean "summary"?',
    ],
    [
      'a word for a boolean',
      'summary: false',
      'summary: no',
      '7 connections[0].share.summary: "no" is neither true nor false. Write true or false.',
    ],
    [
      'a misspelt first run',
      '    share:',
      '    firstRun: basline\n    share:',
      '7 connections[0].firstRun: "basline" is not a possible value. Did you mean "baseline"?',
    ],
    [
      'a first run since no time',
      '    share:',
      '    firstRun: { since: yesterday }\n    share:',
      '7 connections[0].firstRun.since: is not a time. Write 2026-01-31 or',
    ],
    [
      'a base URL that is none',
      '    share:',
      '    baseUrl: localhost\n    share:',
      '7 connections[0].baseUrl: is not a web address. Write it in full',
    ],
    [
      'a link without a place for the call',
      '    share:',
      '    callUrl: https://a.example\n    share:',
      '7 connections[0].callUrl: has no place for the call. Write {id}',
    ],
    [
      'a country in words',
      '    share:',
      '    phoneRegion: Saudi\n    share:',
      '7 connections[0].phoneRegion: is not a country. Write its two-letter',
    ],
    [
      'half a request',
      '    share:',
      '    maxRequestsPerDay: 0.5\n    share:',
      '7 connections[0].maxRequestsPerDay: "0.5" is not a whole number. Write digits only.',
    ],
    [
      'fewer than no requests',
      '    share:',
      '    maxRequestsPerDay: -1\n    share:',
      '7 connections[0].maxRequestsPerDay: is too small. Write more than 0.',
    ],
    [
      'an id with capitals',
      'id: rest\n',
      'id: The Rest\n',
      '19 routes[1].id: is not a usable id. Write lower-case',
    ],
    [
      'a misspelt kind',
      'kind: slack',
      'kind: slak',
      '9 destinations[0].kind: "slak" is not a kind of destination. Did you mean "slack"?',
    ],
    [
      'a missing kind',
      '    kind: webhook\n',
      '',
      '10 destinations[1].kind: is missing. Add it, such as kind: slack',
    ],
    [
      "a field that is another kind's",
      'kind: webhook\n',
      'kind: webhook\n    channel: "#a"\n',
      '12 destinations[1].channel: is not a known field. Write one of:',
    ],
    [
      'a setting that its kind refuses',
      '"#voice"',
      'voice',
      '9 destinations[0].channel: cannot be used. It must be a channel name such as "#ops".',
    ],
    [
      'an unknown fallback',
      'fallback: hook',
      'fallback: hok',
      '9 destinations[0].fallback: "hok" is not a destination. Did you mean "hook"?',
    ],
    [
      'a fallback on itself',
      'fallback: hook',
      'fallback: ops',
      '9 destinations[0].fallback: is the destination itself. Name another one, or none.',
    ],
    [
      'an id that two connections have',
      'destinations:\n',
      '  - { id: clinic, provider: samva, key: env:K }\ndestinations:\n',
      '8 connections[1].id: "clinic" is the id of connections[0] already. Choose another id.',
    ],
    [
      'an id that two routes have',
      'id: rest',
      'id: failures',
      '19 routes[1].id: "failures" is the id of routes[0] already. Choose another id.',
    ],
    [
      'an id that is the null destination’s',
      'routes:\n',
      '  - { id: canary, kind: slack, token: env:T, channel: "#c" }\nroutes:\n',
      '14 destinations[2].id: "canary" is what Callwire calls a destination of its own. Choose another id.',
    ],
    [
      'a route to nowhere known',
      'to: [ops]',
      'to: [opz]',
      '17 routes[0].to[0]: "opz" is not a destination. Did you mean "ops"?',
    ],
    [
      'a route to one destination without brackets',
      'to: [ops]',
      'to: ops',
      '17 routes[0].to: is not a list. Write to: [ops].',
    ],
    [
      'a misspelt event type',
      'type: [call.failed]',
      'type: [call.fialed]',
      '16 routes[0].when.type[0]: "call.fialed" is not a possible value. Did you mean "call.failed"?',
    ],
    [
      'a misspelt single event type',
      'type: [call.failed]',
      'type: call.fail',
      '16 routes[0].when.type: "call.fail" is not a possible value. Did you mean "call.failed"?',
    ],
    [
      'no event type at all',
      'type: [call.failed]',
      'type: []',
      '16 routes[0].when.type: has too few items. Write at least 1, or leave type out.',
    ],
    [
      'an unknown connection in a condition',
      'connection: clinic',
      'connection: { not: [clinc] }',
      '16 routes[0].when.connection.not[0]: "clinc" is not a connection. Did you mean "clinic"?',
    ],
    [
      'an unknown provider in a condition',
      '[hamsa, solum]',
      '[hamsa, soulm]',
      '20 routes[1].when.provider[1]: "soulm" is not a provider. Did you mean "solum"?',
    ],
    [
      'a misspelt negation',
      '{ not: [busy] }',
      '{ nto: [busy] }',
      '16 routes[0].when.reason.nto: is not a known field. Did you mean "not"?',
    ],
    [
      'a number in quotes',
      'reason: { not: [busy] }',
      'durationSeconds: { atLeast: "5" }',
      '16 routes[0].when.durationSeconds.atLeast: "5" is not a number. Write digits without quotes.',
    ],
    [
      'a group without operators',
      'reason: { not: [busy] }',
      'durationSeconds: {}',
      '16 routes[0].when.durationSeconds: asks for nothing. Write a value, a list, or an operator',
    ],
    [
      'an attribute that is a list in a list',
      'reason: { not: [busy] }',
      'attributes: { a: [[1]] }',
      '16 routes[0].when.attributes.a[0]: is not text. Write a single value.',
    ],
    [
      'an address that is none',
      'email: ops@example.com',
      'email: ops',
      '22 alarms.email: is not an e-mail address. Write one such as ops@example.com.',
    ],
    [
      'a field written twice',
      'provider: hamsa\n',
      'provider: hamsa\n    provider: samva\n',
      '4 connections[0].provider: is written twice. Remove one of the two.',
    ],
    [
      'a tab',
      '    provider: hamsa\n',
      '\tprovider: hamsa\n',
      '3 : a tab is used for indentation. Indent with spaces.',
    ],
    [
      'a line that is indented otherwise',
      '    provider: hamsa\n',
      '   provider: hamsa\n',
      '3 : a colon, a comma or a dash is missing',
    ],
    [
      'a quote without its end',
      'email: ops@example.com',
      'email: "ops@example.com',
      '22 : a quote is not closed. Write the same quote at the end of the text.',
    ],
    [
      'a list for a field name',
      'alarms:',
      '[alarms]:',
      '22 : a field name is not plain text. Write fields as "name: value"',
    ],
    [
      'a second document',
      'alarms:',
      '---\nalarms:',
      '22 : a second document starts here. Remove the line "---"',
    ],
    [
      'an alias',
      'email: ops@example.com',
      'email: *mail',
      '22 : aliases are not used here. Write the value out in full.',
    ],
    [
      'an item that is no group',
      'routes:\n',
      'routes:\n  - everything\n',
      '15 routes[0]: is not a group of fields.',
    ],
  ])('names line, field and fix of %s', (_, passage, replacement, expected) => {
    const problems = refusal(spoilt(passage, replacement)).problems.map(brief);

    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['nothing', ''],
    ['only a comment', '# soon\n'],
  ])('that holds %s is called empty', (_, text) => {
    expect(refusal(text).problems.map(brief)).toEqual([
      '1 : the file is empty. Write connections, destinations and routes, as the README shows.',
    ]);
  });

  it.each([
    ['a sentence', 'hello\n', '1 : is not a group of fields. Write fields as "name: value".'],
    ['a list', '- a\n', '1 : is not a group of fields. Write fields as "name: value".'],
    ['no connections', 'routes: []\n', '1 connections: is missing. Add it, such as connections:'],
    [
      'connections without dashes',
      'connections:\n  id: a\n',
      '2 connections: is not a list. Start each item with "- ".',
    ],
    [
      'an open bracket',
      'connections: [\nroutes: []\n',
      '2 : the indentation does not fit, or a bracket above is not closed.',
    ],
    [
      'a forbidden first character',
      'connections: @a\n',
      '1 : a value cannot start with this character. Put the value in double quotes.',
    ],
    ['an unknown tag', 'connections: !all []\n', '1 : YAML tags are not used here.'],
    [
      'no space after a colon',
      'connections:[]\nroutes: []\n',
      '1 : a field name has no colon with a space behind it.',
    ],
  ])('that holds %s is refused', (_, text, expected) => {
    expect(refusal(text).problems.map(brief)[0]).toContain(expected);
  });

  it('shows all its problems at once, sorted by line', () => {
    const text = GOOD.replace('provider: hamsa\n', 'provider: hamza\n')
      .replace('every: 1m', 'every: 60')
      .replace('kind: slack', 'kind: slak')
      .replace('to: [hook]', 'to: [hok]');

    expect(refusal(text).problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '3 connections[0].provider',
      '5 connections[0].poll.every',
      '9 destinations[0].kind',
      '21 routes[1].to[0]',
    ]);
  });

  it('names every line with a tab, and not what the tabs lead to', () => {
    const text = 'connections:\n\t- id: a\n\t  provider: hamsa\n  - id: b\n';

    expect(refusal(text).problems.map(brief)).toEqual([
      '2 : a tab is used for indentation. Indent with spaces.',
      '3 : a tab is used for indentation. Indent with spaces.',
    ]);
  });

  it('counts columns from 1, at the value or at the unknown name', () => {
    const { problems } = refusal(spoilt('{ every: 1m, max', '{ every: x, mx'));

    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [5, 20],
      [5, 23],
    ]);
  });

  it('is read the same with the line ends of Windows', () => {
    const text = spoilt('provider: hamsa\n', 'provider: hamza\n').replaceAll('\n', '\r\n');

    expect(refusal(text).problems).toMatchObject([
      { line: 3, column: 15, excerpt: { text: '    provider: hamza', caret: 14 } },
    ]);
  });
});

describe('any damage to a good file', () => {
  it('is either harmless or told, at a place in the file', () => {
    const piece = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      '"',
      "'",
      '{',
      ']',
      ':',
      ': ',
      '- ',
      '#',
      '&',
      '*',
      '|',
      '!',
      '\\',
      '<<: ',
      'x',
      'null',
      '---\n',
    );
    const place = fc.nat(GOOD.length);
    fc.assert(
      fc.property(place, fc.nat(6), piece, (start, length, inserted) => {
        const text = GOOD.slice(0, start) + inserted + GOOD.slice(start + length);

        const problems = problemsOf(text);

        const lines = text.split('\n').length;
        expect(problems?.length).not.toBe(0);
        expect(problems?.every(({ line }) => line >= 1 && line <= lines) ?? true).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** Undefined if the file is accepted; throws what is not a ConfigError. */
function problemsOf(text: string): readonly Problem[] | undefined {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return undefined;
}

describe('a warning', () => {
  const warningsFor = (text: string) => read(text).warnings.map(brief);

  it('says that a file without routes tells nobody', () => {
    const text = GOOD.slice(0, GOOD.indexOf('routes:'));

    expect(warningsFor(`${text}routes: []\n`)).toEqual([
      expect.stringContaining('14 routes: no routes: nobody is told anything. Add a route'),
    ]);
    expect(warningsFor(text)).toHaveLength(1);
  });

  it('says that a file without connections watches nothing', () => {
    expect(warningsFor('connections: []\nroutes: [{ id: a, to: [] }]\n')).toEqual([
      '1 connections: is empty: nothing is watched. Add a connection.',
    ]);
  });
});
