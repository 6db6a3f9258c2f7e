import { describe, expect, it } from 'vitest';
import { parseItem } from '../../../lib/local/dynamodb/attribute-value.ts';
import { holds } from '../../../lib/local/dynamodb/condition.ts';
import {
  addNumbers,
  compareNumbers,
  normalizeNumber,
} from '../../../lib/local/dynamodb/decimal.ts';
import { ExpressionBindings } from '../../../lib/local/dynamodb/expression-bindings.ts';
import { parseCondition } from '../../../lib/local/dynamodb/parse-condition.ts';
import { parseProjection } from '../../../lib/local/dynamodb/parse-projection.ts';
import { parseUpdate } from '../../../lib/local/dynamodb/parse-update.ts';

// What expressions do is in the store suite, where DynamoDB Local has its say; here is how they are read.
const bindings = () =>
  new ExpressionBindings({
    ExpressionAttributeNames: { '#a.b': 'never a token', '#a': 'a' },
    ExpressionAttributeValues: {
      ':n': { N: '1' },
      ':s': { S: 's' },
      ':l': { L: [] },
      ':set': { SS: ['a'] },
    },
  });

describe('a condition', () => {
  const item = parseItem({ a: { N: '1' }, b: { N: '2' } });

  it.each([
    ['a=:n', true],
    ['a=:n AND b=:n OR a=:n', true],
    ['a=:n OR b=:n AND b=:n', true],
    ['(a=:n OR b=:n) AND b=:n', false],
    ['NOT a=:n AND b=:n', false],
    ['NOT (a=:n AND b=:n)', true],
    ['NOT NOT a=:n', true],
    ['((a=:n))', true],
    [' a\n<\tb ', true],
    ['a between :n and b', true],
    ['#a = :n', true],
  ])('binds NOT before AND before OR: %s', (source, expected) => {
    expect(holds(parseCondition('ConditionExpression', source, bindings()), item)).toBe(expected);
  });

  it.each([
    ['', 'Invalid ConditionExpression: The expression can not be empty'],
    ['a', 'Syntax error; token: "<EOF>", near: "a"'],
    ['a = ', 'Syntax error; token: "<EOF>"'],
    ['a = :n b', 'Syntax error; token: "b", near: ":n b"'],
    ['a = :n AND', 'Syntax error'],
    ['(a = :n', 'Syntax error'],
    ['a[x] = :n', 'Syntax error'],
    ['a. = :n', 'Syntax error'],
    ['a ! :n', 'Syntax error; token: "!"'],
    ['a IN ()', 'Syntax error'],
    ['a = :absent', 'value used in expression is not defined; attribute value: :absent'],
    ['#absent = :n', 'name used in the document path is not defined; attribute name: #absent'],
    ['size(a)', 'Syntax error'],
    ['size(:n) = :n', 'operator or function: size, operand type: N'],
    ['begins_with(a, :n)', 'operator or function: begins_with, operand type: N'],
    ['begins_with(a)', 'function: begins_with, number of operands: 1'],
    ['attribute_exists(:n)', 'requires a document path'],
    ['attribute_type(a, :s)', 'Invalid attribute type name found; type: s'],
    ['nonsense(a)', 'Invalid function name; function: nonsense'],
  ])('refuses %j', (source, message) => {
    expect(() => parseCondition('ConditionExpression', source, bindings())).toThrow(message);
  });
});

describe('an update', () => {
  it.each([
    ['', 'The expression can not be empty'],
    ['a = :n', 'Syntax error; token: "a"'],
    ['SET a', 'Syntax error'],
    ['SET a = :n SET b = :n', 'The "SET" section can only be used once'],
    ['SET a = :n + :s', 'operator or function: +, operand type: S'],
    ['SET a = list_append(a, :n)', 'operator or function: list_append, operand type: N'],
    ['SET a = nonsense(b)', 'Invalid function name; function: nonsense'],
    ['SET a = :n, a = :s', 'path one: [a], path two: [a]'],
    ['SET a.b[1] = :n REMOVE #a.b', 'path one: [a, b, [1]], path two: [a, b]'],
    ['ADD a b', 'Syntax error'],
    ['ADD a :s', 'operator or function: ADD, operand type: S'],
    ['DELETE a :n', 'operator or function: DELETE, operand type: N'],
  ])('refuses %j', (source, message) => {
    expect(() => parseUpdate(source, bindings())).toThrow(message);
  });
});

describe('a projection', () => {
  it('reads names, members and positions', () => {
    expect(parseProjection('#a.b[0][1].c, d', bindings())).toEqual([['a', 'b', 0, 1, 'c'], ['d']]);
  });

  it.each(['a,', 'a b', 'a[1', 'a, a.b', ':n'])('refuses %j', (source) => {
    expect(() => parseProjection(source, bindings())).toThrow('Invalid ProjectionExpression');
  });
});

describe('names and values', () => {
  it('must all be used', () => {
    const unused = bindings();
    parseCondition('ConditionExpression', '#a = :n', unused);

    expect(() => unused.requireAllUsed()).toThrow(
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a.b}',
    );
  });
});

describe('a number', () => {
  it.each([
    ['+1.50e1', '15'],
    ['-0.0', '0'],
    ['.5', '0.5'],
    ['100', '100'],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['9007199254740993', '9007199254740993'],
  ])('%s is spelled %s', (text, expected) => {
    expect(normalizeNumber(text)).toBe(expected);
  });

  it.each(['', '-', '1e', '0x1', '1 ', 'NaN', '1e126', '1e-131', '1'.repeat(39)])(
    'is not %j',
    (text) => {
      expect(() => normalizeNumber(text)).toThrow();
    },
  );

  it('is compared and added exactly, to the last of 38 digits', () => {
    const large = '12345678901234567890123456789012345678';

    expect(compareNumbers(large, '12345678901234567890123456789012345677')).toBeGreaterThan(0);
    expect(addNumbers(large, '1')).toBe('12345678901234567890123456789012345679');
    expect(addNumbers('0.1', '0.2')).toBe('0.3');
    expect(addNumbers('1', '1', -1)).toBe('0');
  });
});
