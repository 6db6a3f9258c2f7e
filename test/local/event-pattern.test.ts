import { describe, expect, it } from 'vitest';
import { compilePattern, matchesPattern, validatePattern } from '../../lib/local/event-pattern.ts';

/**
 * Facts from the EventBridge user guide, "Comparison operators for use in event patterns"
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html);
 * those marked "ruler" from the README of aws/event-ruler, the library EventBridge matches with.
 */
const FACTS: readonly [fact: string, pattern: unknown, event: unknown, matches: boolean][] = [
  ['equals', { Name: ['Alice'] }, { Name: 'Alice' }, true],
  ['equals is case-sensitive', { Name: ['Alice'] }, { Name: 'alice' }, false],
  ['a list is an or', { Pay: ['Credit', 'Debit'] }, { Pay: 'Debit' }, true],
  ['fields are an and', { City: ['NY'], Day: ['Mon'] }, { City: 'NY', Day: 'Tue' }, false],
  ['a field the event lacks', { City: ['NY'] }, { Town: 'NY' }, false],
  ['empty string', { LastName: [''] }, { LastName: '' }, true],
  ['empty string is not null', { LastName: [''] }, { LastName: null }, false],
  ['null', { UserID: [null] }, { UserID: null }, true],
  ['null is not a missing field', { UserID: [null] }, {}, false],
  ['number', { Price: [100] }, { Price: 100 }, true],
  ['a number is not its text', { Price: [100] }, { Price: '100' }, false],
  ['boolean', { ok: [true] }, { ok: true }, true],
  ['a boolean is not its text', { ok: [true] }, { ok: 'true' }, false],

  ['nested', { detail: { state: ['on'] } }, { detail: { state: 'on', x: 1 } }, true],
  ['nested under a scalar', { detail: { state: ['on'] } }, { detail: 'on' }, false],
  ['a value is not matched by an object', { detail: ['on'] }, { detail: { on: 'on' } }, false],
  ['ruler: an array in the event intersects', { r: ['a', 'b'] }, { r: ['b', 'c'] }, true],
  ['ruler: arrays without a common value', { r: ['a'] }, { r: ['b', 'c'] }, false],
  ['ruler: any object of an array', { e: { f: ['x'] } }, { e: [{ f: 'y' }, { f: 'x' }] }, true],
  ['ruler: nested arrays', { e: { f: ['x'] } }, { e: [[{ f: 'y' }], [{ f: 'x' }]] }, true],
  [
    'ruler: fields must agree on one element',
    { e: { f: ['Anna'], l: ['Jones'] } },
    {
      e: [
        { f: 'Anna', l: 'Smith' },
        { f: 'Peter', l: 'Jones' },
      ],
    },
    false,
  ],

  ['prefix', { time: [{ prefix: '2017-10-02' }] }, { time: '2017-10-02T18:43:48Z' }, true],
  ['prefix, other start', { time: [{ prefix: '2017-10-02' }] }, { time: '2018' }, false],
  ['prefix on a number', { n: [{ prefix: '1' }] }, { n: 10 }, false],
  [
    'prefix ignoring case',
    { s: [{ prefix: { 'equals-ignore-case': 'eventb' } }] },
    ev('EventBr'),
    true,
  ],
  ['suffix', { f: [{ suffix: '.png' }] }, { f: 'a.png' }, true],
  ['suffix is case-sensitive', { f: [{ suffix: '.png' }] }, { f: 'a.PNG' }, false],
  [
    'suffix ignoring case',
    { s: [{ suffix: { 'equals-ignore-case': 'tbridge' } }] },
    ev('xTBRIDGE'),
    true,
  ],
  ['equals ignoring case', { Name: [{ 'equals-ignore-case': 'alice' }] }, { Name: 'ALICE' }, true],
  [
    'equals ignoring case, other',
    { Name: [{ 'equals-ignore-case': 'al' }] },
    { Name: 'ALICE' },
    false,
  ],

  ['anything-but', but('initializing'), ev('running'), true],
  ['anything-but the value', but('initializing'), ev('initializing'), false],
  ['anything-but needs the field', but('initializing'), {}, false],
  ['anything-but a number', but(123), ev(124), true],
  ['anything-but that number', but(123), ev(123), false],
  ['anything-but text lets numbers pass', but('123'), ev(123), true],
  ['anything-but a list', but(['stopped', 'overloaded']), ev('overloaded'), false],
  ['anything-but a list of numbers', but([100, 200]), ev(300), true],
  ['anything-but prefix', but({ prefix: 'init' }), ev('initializing'), false],
  ['anything-but other prefix', but({ prefix: 'init' }), ev('running'), true],
  ['anything-but prefixes', but({ prefix: ['a', 'b'] }), ev('bcd'), false],
  ['anything-but suffix', but({ suffix: '.txt' }), ev('x.txt'), false],
  ['anything-but suffixes', but({ suffix: ['.txt', '.rtf'] }), ev('x.doc'), true],
  [
    'anything-but ignoring case',
    but({ 'equals-ignore-case': 'initializing' }),
    ev('INITIALIZING'),
    false,
  ],
  ['anything-but a list ignoring case', but({ 'equals-ignore-case': ['a', 'b'] }), ev('B'), false],
  ['anything-but wildcard', but({ wildcard: '*/lib/*' }), ev('/usr/lib/x'), false],
  ['anything-but wildcards', but({ wildcard: ['*/lib/*', '*/bin/*'] }), ev('/usr/bin/x'), false],
  ['anything-but wildcards, other', but({ wildcard: ['*/lib/*', '*/bin/*'] }), ev('/etc/x'), true],

  ['numeric =', { s: [{ numeric: ['=', 301.8] }] }, ev(3.018e2), true],
  ['numeric range, inside', { s: [{ numeric: ['>', 10, '<=', 20] }] }, ev(20), true],
  ['numeric range, at the open end', { s: [{ numeric: ['>', 10, '<=', 20] }] }, ev(10), false],
  ['numeric >=', { s: [{ numeric: ['>=', 10] }] }, ev(10), true],
  ['numeric <', { s: [{ numeric: ['<', 10] }] }, ev(10), false],
  ['numeric on text', { s: [{ numeric: ['<', 10] }] }, ev('5'), false],

  ['cidr', { s: [{ cidr: '10.0.0.0/24' }] }, ev('10.0.0.255'), true],
  ['cidr, outside', { s: [{ cidr: '10.0.0.0/24' }] }, ev('10.0.1.0'), false],
  ['cidr v6', { s: [{ cidr: '2001:db8::/32' }] }, ev('2001:db8:1::1'), true],
  ['cidr of the other family', { s: [{ cidr: '2001:db8::/32' }] }, ev('10.0.0.1'), false],
  ['cidr on what is no address', { s: [{ cidr: '10.0.0.0/24' }] }, ev('ten'), false],

  ['exists', { d: { c: [{ exists: true }] } }, { d: { c: 5 } }, true],
  ['exists, though null', { d: { c: [{ exists: true }] } }, { d: { c: null } }, true],
  [
    'exists on an object, which is no leaf',
    { d: { c: [{ exists: true }] } },
    { d: { c: { e: 1 } } },
    false,
  ],
  [
    'ruler: exists false on an object',
    { d: { c: [{ exists: false }] } },
    { d: { c: { e: 1 } } },
    true,
  ],
  ['exists false', { d: { c: [{ exists: false }] } }, { d: { s: 'x' } }, true],
  ['exists false, though it does', { d: { c: [{ exists: false }] } }, { d: { c: 0 } }, false],
  ['exists false below what is missing', { d: { c: { e: [{ exists: false }] } } }, { d: {} }, true],
  [
    'exists false in one element only',
    { d: { c: [{ exists: false }] } },
    { d: [{ c: 1 }, {}] },
    false,
  ],
  ['exists or a value', { s: [{ exists: false }, 'x'] }, ev('x'), true],

  ['wildcard', { s: [{ wildcard: 'dir/*.png' }] }, ev('dir/a/b.png'), true],
  ['wildcard, nothing between', { s: [{ wildcard: 'dir/*.png' }] }, ev('dir/.png'), true],
  ['wildcard, other end', { s: [{ wildcard: 'dir/*.png' }] }, ev('dir/a.jpg'), false],
  ['wildcard: ends may not overlap', { s: [{ wildcard: 'aba*aba' }] }, ev('ababa'), false],
  ['wildcard in order', { s: [{ wildcard: '*a*b*' }] }, ev('xbxa'), false],
  ['wildcards, several', { s: [{ wildcard: 'a*b*c' }] }, ev('a1b2b3c'), true],
  ['wildcard, escaped star', { s: [{ wildcard: 'a\\*b' }] }, ev('a*b'), true],
  ['wildcard, escaped star is no wildcard', { s: [{ wildcard: 'a\\*b' }] }, ev('axb'), false],
  ['wildcard, escaped backslash', { s: [{ wildcard: 'a\\\\*' }] }, ev('a\\xyz'), true],
  ['wildcard on a number', { s: [{ wildcard: '*' }] }, ev(1), false],

  [
    '$or, one of two',
    { $or: [{ City: ['NY'] }, { Day: ['Mon'] }] },
    { City: 'LA', Day: 'Mon' },
    true,
  ],
  ['$or, none', { $or: [{ City: ['NY'] }, { Day: ['Mon'] }] }, { City: 'LA', Day: 'Tue' }, false],
  ['$or and another field', { s: ['x'], $or: [{ a: [1] }, { b: [1] }] }, { s: 'y', a: 1 }, false],
  [
    'ruler: $or holding an and, holding an $or',
    { $or: [{ m: [1] }, { t: [1], $or: [{ i: [1] }, { p: [1] }] }] },
    { t: 1, p: 1 },
    true,
  ],
  ['$or below a field', { d: { $or: [{ a: [1] }, { b: [2] }] } }, { d: { b: 2 } }, true],
  ['ruler: $or with an object is a plain field', { $or: { a: [1] } }, { $or: { a: 1 } }, true],

  // https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html: DynamoDB's typed JSON.
  [
    "Lambda's filter on a stream record",
    { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['call'] }, n: { N: ['1'] } } } },
    { eventName: 'INSERT', dynamodb: { NewImage: { kind: { S: 'call' }, n: { N: '1' } } } },
    true,
  ],
];

describe('matchesPattern', () => {
  it.each(FACTS)('%s', (_fact, pattern, event, matches) => {
    expect(matchesPattern(pattern, event)).toBe(matches);
  });

  it('matches nothing in an event that is no object', () => {
    expect(matchesPattern({ a: [1] }, 'text')).toBe(false);
  });

  it('finds the same from a pattern compiled once', () => {
    const matches = compilePattern({ s: ['x'] });

    expect([matches(ev('x')), matches(ev('y'))]).toEqual([true, false]);
  });
});

describe('validatePattern', () => {
  it.each<[fault: string, pattern: unknown, message: RegExp]>([
    ['no object', ['x'], /^A pattern must be an object/],
    ['no field', {}, /at least one field/],
    ['an empty nested object', { detail: {} }, /^detail must be an object with at least one/],
    [
      'a value that is not in an array',
      { detail: { state: 'on' } },
      /^detail\.state must be an array/,
    ],
    ['an empty array', { detail: { state: [] } }, /^detail\.state must not be an empty array/],
    ['an unknown operator', { a: [{ contains: 'x' }] }, /^a: unknown operator contains/],
    ['two operators in one object', { a: [{ prefix: 'x', suffix: 'y' }] }, /exactly one operator/],
    ['an array in an array', { a: [['x']] }, /exactly one operator/],
    ['$or with one alternative', { $or: [{ a: [1] }] }, /^\$or needs at least two/],
    ['$or with an empty alternative', { $or: [{ a: [1] }, {}] }, /^\$or\[1\] must be an object/],
    ['$or naming operators', { $or: [{ prefix: ['a'] }, { b: [1] }] }, /must name fields/],
    ['prefix of a number', { a: [{ prefix: 1 }] }, /^a: prefix takes a string/],
    ['prefix holding another operator', { a: [{ prefix: { suffix: 'x' } }] }, /cannot hold suffix/],
    ['exists of text', { a: [{ exists: 'yes' }] }, /true or false/],
    ['numeric without a number', { a: [{ numeric: ['>', '1'] }] }, /takes pairs/],
    ['numeric with a lone sign', { a: [{ numeric: ['>'] }] }, /one or two pairs/],
    ['numeric with an unknown sign', { a: [{ numeric: ['!=', 1] }] }, /takes pairs/],
    ['numeric beyond its limit', { a: [{ numeric: ['<', 5e9 + 1] }] }, /5e9/],
    ['numeric range upside down', { a: [{ numeric: ['>', 5, '<', 1] }] }, /lower bound/],
    ['numeric range of two lower bounds', { a: [{ numeric: ['>', 1, '>', 5] }] }, /lower bound/],
    ['cidr without bits', { a: [{ cidr: '10.0.0.0' }] }, /address block/],
    ['cidr with too many bits', { a: [{ cidr: '10.0.0.0/33' }] }, /address block/],
    ['anything-but mixing types', { a: [{ 'anything-but': ['x', 1] }] }, /not both/],
    ['anything-but nothing', { a: [{ 'anything-but': [] }] }, /strings or numbers/],
    ['anything-but numeric', { a: [{ 'anything-but': { numeric: ['<', 1] } }] }, /cannot hold/],
    ['anything-but no prefix', { a: [{ 'anything-but': { prefix: [] } }] }, /empty array/],
    ['two wildcards in a row', { a: [{ wildcard: 'a**b' }] }, /consecutive/],
    ['a needless escape', { a: [{ wildcard: 'a\\b' }] }, /escape only/],
    ['a dangling escape', { a: [{ wildcard: 'a\\' }] }, /escape only/],
  ])('refuses %s', (_fault, pattern, message) => {
    expect(() => validatePattern(pattern)).toThrow(message);
  });

  it('accepts every pattern of the table above', () => {
    for (const [, pattern] of FACTS) expect(() => validatePattern(pattern)).not.toThrow();
  });
});

function ev(s: unknown): unknown {
  return { s };
}

function but(excluded: unknown): unknown {
  return { s: [{ 'anything-but': excluded }] };
}
