import type { Fields, SalesforceObject, Value } from './salesforce-fields.ts';
import { salesforceObjects } from './salesforce-fields.ts';
import { refused } from './salesforce-request.ts';

type Row = Readonly<Record<string, Value>>;
type Condition = (row: Row) => boolean;

export interface Query {
  readonly object: SalesforceObject;
  readonly fields: readonly string[];
  readonly where: Condition;
  readonly order: { readonly field: string; readonly isDescending: boolean } | undefined;
  readonly limit: number;
}

const TOKEN = /\s*('(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\d+|[(),=])/y;
const DEFAULT_LIMIT = 2_000;

function tokensOf(soql: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < soql.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(soql)?.[1];
    if (token === undefined) throw malformed(`unexpected token at ${at}`);
    tokens.push(token);
  }
  return tokens;
}

const malformed = (what: string) => refused('MALFORMED_QUERY', what);

const textOf = (literal: string): string => literal.slice(1, -1).replace(/\\(.)/g, '$1');

/** Reads the part of SOQL that is of any use here: `SELECT … FROM … WHERE … ORDER BY … LIMIT …`. */
export function parseQuery(soql: string, known: Fields): Query {
  const tokens = tokensOf(soql);
  const next = (): string => tokens.shift() ?? '';
  const isNext = (word: string): boolean => tokens[0]?.toUpperCase() === word;
  function expect(word: string): void {
    const token = next();
    if (token.toUpperCase() !== word) throw malformed(`expecting ${word}, found '${token}'`);
  }
  function skip(word: string): boolean {
    const found = isNext(word);
    if (found) tokens.shift();
    return found;
  }

  expect('SELECT');
  const fields = [next()];
  while (skip(',')) fields.push(next());
  expect('FROM');
  const name = next();
  const object = salesforceObjects.find((each) => each === name);
  if (object === undefined)
    throw refused('INVALID_TYPE', `sObject type '${name}' is not supported.`);
  const field = (column: string): string => {
    if (known.has(object, column)) return column;
    throw refused('INVALID_FIELD', `No such column '${column}' on entity '${object}'.`);
  };
  fields.forEach(field);

  function literal(): Value {
    const token = next();
    if (token.startsWith("'")) return textOf(token);
    if (/^(true|false)$/i.test(token)) return token.toLowerCase() === 'true';
    if (/^\d+$/.test(token)) return Number(token);
    throw malformed(`unexpected token: '${token}'`);
  }
  function comparison(): Condition {
    if (skip('(')) {
      const inner = either();
      expect(')');
      return inner;
    }
    const column = field(next());
    const values: Value[] = [];
    if (skip('IN')) {
      expect('(');
      do values.push(literal());
      while (skip(','));
      expect(')');
    } else {
      expect('=');
      values.push(literal());
    }
    const wanted = values.map((value) => String(value).toLowerCase());
    return (row) => row[column] != null && wanted.includes(String(row[column]).toLowerCase());
  }
  /** Salesforce wants parentheses where AND and OR meet. */
  function either(): Condition {
    const conditions = [comparison()];
    const word = ['AND', 'OR'].find(isNext);
    while (word !== undefined && skip(word)) conditions.push(comparison());
    return word === 'AND'
      ? (row) => conditions.every((condition) => condition(row))
      : (row) => conditions.some((condition) => condition(row));
  }

  expect('WHERE');
  const where = either();
  let order: Query['order'];
  if (skip('ORDER')) {
    expect('BY');
    const column = field(next());
    const isDescending = skip('DESC');
    if (!isDescending) skip('ASC');
    order = { field: column, isDescending };
  }
  const limit = skip('LIMIT') ? Number(next()) : DEFAULT_LIMIT;
  if (tokens.length > 0) throw malformed(`unexpected token: '${tokens[0]}'`);
  return { object, fields, where, order, limit };
}
