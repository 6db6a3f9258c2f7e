import { typeOf, type Value } from './attribute-value.ts';
import { overlaps, type Path } from './document-path.ts';
import type { ExpressionBindings } from './expression-bindings.ts';
import { ExpressionReader } from './expression-reader.ts';
import type { UpdateAction, UpdateOperand } from './update.ts';

/**
 * Parses an update expression. The grammar is on
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
export function parseUpdate(source: string, bindings: ExpressionBindings): UpdateAction[] {
  const reader = new ExpressionReader('UpdateExpression', source, bindings);
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  while (!reader.ended) {
    const section = reader.peek().toUpperCase();
    const parse = SECTIONS.get(section);
    if (!parse) throw reader.syntaxError();
    if (seen.has(section)) {
      throw reader.error(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    reader.next();
    actions.push(...reader.list(() => parse(reader)));
  }
  requireDistinctPaths(reader, actions);
  return actions;
}

const SECTIONS = new Map<string, (reader: ExpressionReader) => UpdateAction>([
  ['SET', parseSet],
  ['REMOVE', (reader) => ({ kind: 'remove', path: reader.path() })],
  ['ADD', (reader) => parseSetOperation(reader, 'add')],
  ['DELETE', (reader) => parseSetOperation(reader, 'delete')],
]);

function parseSet(reader: ExpressionReader): UpdateAction {
  const path = reader.path();
  reader.expect('=');
  return { kind: 'set', path, to: parseSum(reader) };
}

/** One operand, or two with a sign between them. */
function parseSum(reader: ExpressionReader): UpdateOperand {
  const left = parseOperand(reader);
  const sign = reader.peek();
  if (sign !== '+' && sign !== '-') return left;
  reader.next();
  const right = parseOperand(reader);
  requireType(reader, sign, 'N', left, right);
  return { kind: sign, left, right };
}

function parseOperand(reader: ExpressionReader): UpdateOperand {
  const value = reader.value();
  if (value) return { kind: 'value', value };
  if (reader.takes('(')) {
    const sum = parseSum(reader);
    reader.expect(')');
    return sum;
  }
  if (reader.peek(1) !== '(') return { kind: 'path', path: reader.path() };
  const name = reader.next();
  reader.expect('(');
  const operand = parseArguments(reader, name);
  reader.expect(')');
  return operand;
}

function parseArguments(reader: ExpressionReader, name: string): UpdateOperand {
  if (name === 'if_not_exists') {
    const path = reader.path();
    reader.expect(',');
    return { kind: name, path, otherwise: parseOperand(reader) };
  }
  if (name === 'list_append') {
    const left = parseOperand(reader);
    reader.expect(',');
    const right = parseOperand(reader);
    requireType(reader, name, 'L', left, right);
    return { kind: name, left, right };
  }
  throw reader.error(`Invalid function name; function: ${name}`);
}

function parseSetOperation(reader: ExpressionReader, kind: 'add' | 'delete'): UpdateAction {
  const path = reader.path();
  const value = reader.value();
  if (!value) throw reader.syntaxError();
  const allowed = kind === 'add' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
  if (!allowed.includes(typeOf(value))) {
    throw incorrectOperand(reader, kind.toUpperCase(), value);
  }
  return { kind, path, value };
}

function requireType(
  reader: ExpressionReader,
  operator: string,
  type: string,
  ...operands: UpdateOperand[]
): void {
  for (const operand of operands) {
    if (operand.kind === 'value' && typeOf(operand.value) !== type) {
      throw incorrectOperand(reader, operator, operand.value);
    }
  }
}

function requireDistinctPaths(reader: ExpressionReader, actions: readonly UpdateAction[]): void {
  for (const [position, { path }] of actions.entries()) {
    const other = actions.slice(position + 1).find((later) => overlaps(path, later.path));
    if (other) {
      throw reader.error(
        'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
          `path one: ${spell(path)}, path two: ${spell(other.path)}`,
      );
    }
  }
}

const spell = (path: Path): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

const incorrectOperand = (reader: ExpressionReader, operator: string, value: Value) =>
  reader.error(
    'Incorrect operand type for operator or function; ' +
      `operator or function: ${operator}, operand type: ${typeOf(value)}`,
  );
