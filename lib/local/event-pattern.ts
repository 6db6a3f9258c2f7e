import { BlockList, isIP } from 'node:net';
import { isObject, type Json } from './json-object.ts';

/**
 * EventBridge event patterns, which Lambda's filter criteria share.
 * Rules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html;
 * where that page is silent, what aws/event-ruler's README says.
 *
 * One difference cannot be seen from parsed JSON: EventBridge compares plain numbers by their
 * spelling (300 is not 300.0), this compares their values.
 */

type Leaf = string | number | boolean | null;
type LeafTest = (leaf: Leaf) => boolean;

/**
 * What one entry of a pattern's array asks of a field: `here` are the field's values in the object
 * at hand, `everywhere` those in all elements of an array of objects.
 */
type FieldTest = (here: readonly Leaf[], everywhere: readonly Leaf[]) => boolean;

/** `chosen` is the one array element all fields of a pattern must agree on; `all` its siblings and itself. */
type ObjectTest = (chosen: Json, all: readonly Json[]) => boolean;

/** EventBridge's limit for `numeric`. */
const NUMERIC_LIMIT = 5e9;

/** Whether `event`, as parsed JSON, matches the pattern. Throws as {@link compilePattern} does. */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  return compilePattern(pattern)(event);
}

/** Throws an error naming the field if EventBridge would refuse the pattern. */
export function validatePattern(pattern: unknown): void {
  compilePattern(pattern);
}

/** The pattern as a function of events, for those who match it often. Throws if it is not valid. */
export function compilePattern(pattern: unknown): (event: unknown) => boolean {
  const matches = compileObject(pattern, '');

  return (event) => {
    const objects = objectsIn(event);
    return objects.some((chosen) => matches(chosen, objects));
  };
}

function compileObject(pattern: unknown, where: string): ObjectTest {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw new Error(`${where || 'A pattern'} must be an object with at least one field`);
  }
  const tests = Object.entries(pattern).map(([name, value]): ObjectTest => {
    const path = where === '' ? name : `${where}.${name}`;
    if (name === '$or' && Array.isArray(value)) return compileOr(value, path);
    return Array.isArray(value)
      ? compileField(name, value, path)
      : compileNested(name, value, path);
  });

  return (chosen, all) => tests.every((test) => test(chosen, all));
}

function compileOr(alternatives: readonly unknown[], where: string): ObjectTest {
  if (alternatives.length < 2) throw new Error(`${where} needs at least two alternatives`);
  const tests = alternatives.map((alternative, index) => {
    if (isObject(alternative) && Object.keys(alternative).some((name) => operators.has(name))) {
      throw new Error(`${where}[${index}] must name fields, not operators`);
    }
    return compileObject(alternative, `${where}[${index}]`);
  });

  return (chosen, all) => tests.some((test) => test(chosen, all));
}

/** Fields of one pattern object must match within the same element when the event has an array there. */
function compileNested(name: string, pattern: unknown, where: string): ObjectTest {
  if (!isObject(pattern)) throw new Error(`${where} must be an array of values or an object`);
  const test = compileObject(pattern, where);

  return (chosen, all) => {
    const siblings = all.flatMap((object) => objectsIn(object[name]));
    const candidates = objectsIn(chosen[name]);
    // Without any object the fields below are absent, which `exists: false` may be asking for.
    return (candidates.length > 0 ? candidates : [{}]).some((next) => test(next, siblings));
  };
}

function compileField(name: string, conditions: readonly unknown[], where: string): ObjectTest {
  if (conditions.length === 0) throw new Error(`${where} must not be an empty array`);
  const tests = conditions.map((condition) => compileCondition(condition, where));

  return (chosen, all) => {
    const here = leavesIn(chosen[name]);
    const everywhere = all.flatMap((object) => leavesIn(object[name]));
    return tests.some((test) => test(here, everywhere));
  };
}

function compileCondition(condition: unknown, where: string): FieldTest {
  if (isLeaf(condition)) return (here) => here.includes(condition);
  const [operator, operand] = soleEntry(condition, where);
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw new Error(`${where}: exists takes true or false`);
    return (here, everywhere) => (operand ? here.length > 0 : everywhere.length === 0);
  }
  const compile = operators.get(operator);
  if (compile === undefined) throw new Error(`${where}: unknown operator ${operator}`);
  const test = compile(operand, `${where}: ${operator}`);

  return (here) => here.some(test);
}

/** The operators that look at a value; each returns its test or throws on a wrong operand. */
const operators = new Map<string, (operand: unknown, where: string) => LeafTest>([
  ['prefix', affix((text, part) => text.startsWith(part))],
  ['suffix', affix((text, part) => text.endsWith(part))],
  ['equals-ignore-case', equalsIgnoreCase],
  ['wildcard', wildcard],
  ['numeric', numeric],
  ['cidr', cidr],
  ['anything-but', anythingBut],
]);

function affix(has: (text: string, part: string) => boolean) {
  return (operand: unknown, where: string): LeafTest => {
    if (!isObject(operand)) {
      const part = asString(operand, where);
      return onStrings((text) => has(text, part));
    }
    const [inner, value] = soleEntry(operand, where);
    if (inner !== 'equals-ignore-case') throw new Error(`${where} cannot hold ${inner}`);
    const part = asString(value, where).toLowerCase();
    return onStrings((text) => has(text.toLowerCase(), part));
  };
}

function equalsIgnoreCase(operand: unknown, where: string): LeafTest {
  const wanted = asString(operand, where).toLowerCase();
  return onStrings((text) => text.toLowerCase() === wanted);
}

/** `*` stands for any characters or none; `\*` and `\\` are themselves; two stars in a row are refused. */
function wildcard(operand: unknown, where: string): LeafTest {
  const literals = [''];
  let afterStar = false;
  for (const [token] of asString(operand, where).matchAll(/\\?./gs)) {
    if (token === '*') {
      if (afterStar) throw new Error(`${where} has two consecutive wildcards`);
      literals.push('');
    } else {
      if (token.startsWith('\\') && token !== '\\*' && token !== '\\\\') {
        throw new Error(`${where} may escape only * and \\`);
      }
      literals.push(`${literals.pop()}${token.at(-1)}`);
    }
    afterStar = token === '*';
  }
  const first = literals.shift() ?? '';
  const last = literals.pop();
  if (last === undefined) return (leaf) => leaf === first;

  return onStrings((text) => {
    if (!text.startsWith(first)) return false;
    let position = first.length;
    for (const literal of literals) {
      const found = text.indexOf(literal, position);
      if (found === -1) return false;
      position = found + literal.length;
    }
    return text.length - last.length >= position && text.endsWith(last);
  });
}

const comparisons = new Map<unknown, (value: number, bound: number) => boolean>([
  ['=', (value, bound) => value === bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
]);

/** One comparison, or a lower bound followed by a higher upper bound. */
function numeric(operand: unknown, where: string): LeafTest {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw new Error(`${where} takes one or two pairs of comparison and number`);
  }
  const terms: unknown[] = operand;
  const [low, lowBound, high, highBound] = terms;
  const test = comparison(low, lowBound, where);
  if (operand.length === 2) return test;
  const upperTest = comparison(high, highBound, where);
  const isRange = (low === '>' || low === '>=') && (high === '<' || high === '<=');
  if (!isRange || Number(lowBound) >= Number(highBound)) {
    throw new Error(`${where} must give a lower bound and then a higher upper bound`);
  }

  return (leaf) => test(leaf) && upperTest(leaf);
}

function comparison(sign: unknown, bound: unknown, where: string): LeafTest {
  const compare = comparisons.get(sign);
  if (compare === undefined || typeof bound !== 'number' || Math.abs(bound) > NUMERIC_LIMIT) {
    throw new Error(`${where} takes pairs such as ">", 10 within ±5e9`);
  }
  return (leaf) => typeof leaf === 'number' && compare(leaf, bound);
}

function cidr(operand: unknown, where: string): LeafTest {
  const [address = '', bits = '', ...rest] = asString(operand, where).split('/');
  const version = isIP(address);
  const isValid = version !== 0 && /^\d{1,3}$/.test(bits) && rest.length === 0;
  if (!isValid || Number(bits) > (version === 4 ? 32 : 128)) {
    throw new Error(`${where} takes an address block such as 10.0.0.0/24`);
  }
  const block = new BlockList();
  const family = version === 4 ? 'ipv4' : 'ipv6';
  block.addSubnet(address, Number(bits), family);

  return onStrings((text) => isIP(text) === version && block.check(text, family));
}

/** A value must be there; then it matches unless one of the excluded values or texts does. */
function anythingBut(operand: unknown, where: string): LeafTest {
  if (!isObject(operand)) {
    const values: unknown[] = Array.isArray(operand) ? operand : [operand];
    const type = typeof values[0];
    const isPlain = type === 'string' || type === 'number';
    if (!isPlain || values.some((value) => typeof value !== type)) {
      throw new Error(`${where} takes strings or numbers, not both`);
    }
    return (leaf) => !values.includes(leaf);
  }
  const [inner, value] = soleEntry(operand, where);
  const compile = operators.get(inner);
  if (compile === undefined || !EXCLUDABLE.has(inner)) {
    throw new Error(`${where} cannot hold ${inner}`);
  }
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (texts.length === 0) throw new Error(`${where} must not be an empty array`);
  const tests = texts.map((text) => compile(asString(text, where), `${where} ${inner}`));

  return (leaf) => !tests.some((test) => test(leaf));
}

const EXCLUDABLE = new Set(['prefix', 'suffix', 'equals-ignore-case', 'wildcard']);

function onStrings(test: (text: string) => boolean): LeafTest {
  return (leaf) => typeof leaf === 'string' && test(leaf);
}

function asString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where} takes a string`);
  return value;
}

function soleEntry(value: unknown, where: string): [string, unknown] {
  const [entry, ...rest] = isObject(value) ? Object.entries(value) : [];
  if (entry === undefined || rest.length > 0) {
    throw new Error(`${where} takes values or objects with exactly one operator`);
  }
  return entry;
}

/** The scalar values of a field; arrays are seen through, objects are no values. */
function leavesIn(value: unknown): Leaf[] {
  if (isLeaf(value)) return [value];
  return Array.isArray(value) ? value.flatMap(leavesIn) : [];
}

function objectsIn(value: unknown): Json[] {
  if (isObject(value)) return [value];
  return Array.isArray(value) ? value.flatMap(objectsIn) : [];
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
