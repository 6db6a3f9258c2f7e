import { compareValues, typeOf, type Value } from './attribute-value.ts';
import type { Comparator, Condition, Operand } from './condition.ts';
import type { Path } from './document-path.ts';
import type { ExpressionBindings } from './expression-bindings.ts';
import { type ExpressionKind, ExpressionReader } from './expression-reader.ts';

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='] satisfies Comparator[];
const TYPES = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'];
const MAX_IN_CANDIDATES = 100;

const isComparator = (token: string): token is Comparator => COMPARATORS.includes(token);

/**
 * Parses a condition, filter or key condition. The grammar is on
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function parseCondition(
  kind: ExpressionKind,
  source: string,
  bindings: ExpressionBindings,
): Condition {
  const reader = new ExpressionReader(kind, source, bindings);
  const condition = disjunction(reader);
  reader.expectEnd();
  return condition;
}

function disjunction(reader: ExpressionReader): Condition {
  let left = conjunction(reader);
  while (reader.takes('OR')) left = { kind: 'or', left, right: conjunction(reader) };
  return left;
}

function conjunction(reader: ExpressionReader): Condition {
  let left = negation(reader);
  while (reader.takes('AND')) left = { kind: 'and', left, right: negation(reader) };
  return left;
}

function negation(reader: ExpressionReader): Condition {
  if (reader.takes('NOT')) return { kind: 'not', inner: negation(reader) };
  if (!reader.takes('(')) return predicate(reader);
  const inner = disjunction(reader);
  reader.expect(')');
  return inner;
}

function predicate(reader: ExpressionReader): Condition {
  if (reader.peek(1) === '(' && reader.peek() !== 'size') return functionCall(reader);
  const left = operand(reader);
  if (reader.takes('BETWEEN')) {
    const low = operand(reader);
    reader.expect('AND');
    const high = operand(reader);
    requireOrdered(reader, 'BETWEEN', left, low, high);
    requireRisingBounds(reader, low, high);
    return { kind: 'between', operand: left, low, high };
  }
  if (reader.takes('IN')) {
    reader.expect('(');
    const candidates = reader.list(() => operand(reader));
    reader.expect(')');
    if (candidates.length > MAX_IN_CANDIDATES) {
      throw reader.error('The IN operator is provided with too many operands');
    }
    return { kind: 'in', operand: left, candidates };
  }
  const comparator = reader.peek();
  if (!isComparator(comparator)) throw reader.syntaxError();
  reader.next();
  const right = operand(reader);
  requireDistinct(reader, comparator, left, right);
  if (comparator !== '=' && comparator !== '<>') requireOrdered(reader, comparator, left, right);
  return { kind: 'compare', comparator, left, right };
}

function functionCall(reader: ExpressionReader): Condition {
  const name = reader.next();
  reader.expect('(');
  const args = reader.list(() => operand(reader));
  reader.expect(')');
  const [first, second] = args;
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      if (!first || args.length !== 1) throw wrongCount(reader, name, args.length);
      return {
        kind: 'exists',
        path: pathOf(reader, name, first),
        expected: name === 'attribute_exists',
      };
    case 'attribute_type':
      if (!first || !second || args.length !== 2) throw wrongCount(reader, name, args.length);
      return { kind: 'type', path: pathOf(reader, name, first), type: typeName(reader, second) };
    case 'begins_with':
    case 'contains':
      if (!first || !second || args.length !== 2) throw wrongCount(reader, name, args.length);
      requireDistinct(reader, name, first, second);
      if (name === 'begins_with') requireText(reader, second);
      return { kind: name, left: first, right: second };
    default:
      throw reader.error(`Invalid function name; function: ${name}`);
  }
}

function operand(reader: ExpressionReader): Operand {
  const value = reader.value();
  if (value) return { kind: 'value', value };
  if (reader.peek() === 'size' && reader.peek(1) === '(') {
    reader.next();
    reader.next();
    const of = operand(reader);
    reader.expect(')');
    if (of.kind === 'value') requireSized(reader, of.value);
    return { kind: 'size', of };
  }
  return { kind: 'path', path: reader.path() };
}

function pathOf(reader: ExpressionReader, name: string, argument: Operand): Path {
  if (argument.kind === 'path') return argument.path;
  throw reader.error(
    `Operator or function requires a document path; operator or function: ${name}`,
  );
}

function typeName(reader: ExpressionReader, argument: Operand): string {
  const value = argument.kind === 'value' ? argument.value : undefined;
  if (value && 'S' in value && TYPES.includes(value.S)) return value.S;
  throw reader.error(
    `Invalid attribute type name found; type: ${value && 'S' in value ? value.S : 'not a string'}, ` +
      'valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
  );
}

function requireDistinct(
  reader: ExpressionReader,
  operator: string,
  left: Operand,
  right: Operand,
): void {
  if (JSON.stringify(left) !== JSON.stringify(right)) return;
  throw reader.error(
    'The first operand must be distinct from the remaining operands for this operator or function; ' +
      `operator: ${operator}`,
  );
}

function requireOrdered(
  reader: ExpressionReader,
  operator: string,
  ...operands: readonly Operand[]
): void {
  for (const operand of operands) {
    if (operand.kind === 'value' && !['S', 'N', 'B'].includes(typeOf(operand.value))) {
      throw incorrectOperand(reader, operator, operand.value);
    }
  }
}

function requireRisingBounds(reader: ExpressionReader, low: Operand, high: Operand): void {
  if (low.kind !== 'value' || high.kind !== 'value') return;
  const order = compareValues(low.value, high.value);
  if (order !== undefined && order <= 0) return;
  throw reader.error(
    'The BETWEEN operator requires upper bound to be greater than or equal to lower bound, of the same type',
  );
}

function requireText(reader: ExpressionReader, argument: Operand): void {
  if (argument.kind !== 'value' || 'S' in argument.value || 'B' in argument.value) return;
  throw incorrectOperand(reader, 'begins_with', argument.value);
}

function requireSized(reader: ExpressionReader, value: Value): void {
  if ('N' in value || 'BOOL' in value || 'NULL' in value) {
    throw incorrectOperand(reader, 'size', value);
  }
}

const incorrectOperand = (reader: ExpressionReader, name: string, value: Value) =>
  reader.error(
    'Incorrect operand type for operator or function; ' +
      `operator or function: ${name}, operand type: ${typeOf(value)}`,
  );

const wrongCount = (reader: ExpressionReader, name: string, count: number) =>
  reader.error(
    'Incorrect number of operands for operator or function; ' +
      `operator or function: ${name}, number of operands: ${count}`,
  );
