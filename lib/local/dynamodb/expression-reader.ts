import type { AwsError } from '../services.ts';
import type { Value } from './attribute-value.ts';
import type { Path } from './document-path.ts';
import { validationError } from './errors.ts';
import type { ExpressionBindings } from './expression-bindings.ts';

/** The request member an expression came in; error messages begin with it. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

const TOKEN = /\s*(?:([A-Za-z_]\w*|\d+|[#:]\w+|<>|<=|>=|[-=<>()[\],.+])|(\S))/gy;

/** Reads an expression token by token, with the parts that all grammars share: paths, values and lists. */
export class ExpressionReader {
  readonly kind: ExpressionKind;
  readonly #tokens: readonly string[];
  readonly #bindings: ExpressionBindings;
  #position = 0;

  constructor(kind: ExpressionKind, source: string, bindings: ExpressionBindings) {
    this.kind = kind;
    this.#tokens = tokenize(kind, source);
    this.#bindings = bindings;
    if (this.#tokens.length === 0) throw this.error('The expression can not be empty;');
  }

  get ended(): boolean {
    return this.#position >= this.#tokens.length;
  }

  /** The token `ahead` places from here, or an empty string past the end. */
  peek(ahead = 0): string {
    return this.#tokens[this.#position + ahead] ?? '';
  }

  next(): string {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  /** Takes the next token if it is `symbol` or, in any case, that keyword. */
  takes(symbol: string): boolean {
    const found = this.peek().toUpperCase() === symbol;
    if (found) this.#position += 1;
    return found;
  }

  expect(symbol: string): void {
    if (!this.takes(symbol)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (!this.ended) throw this.syntaxError();
  }

  /** One or more of `item`, separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takes(',')) items.push(item());
    return items;
  }

  /** The value behind a `:placeholder`; undefined, and nothing taken, if something else comes next. */
  value(): Value | undefined {
    return this.peek().startsWith(':') ? this.#bindings.value(this.next(), this.kind) : undefined;
  }

  /** A document path such as `a.#b[0]`. */
  path(): Path {
    const path: [string, ...(string | number)[]] = [this.#attributeName()];
    for (;;) {
      if (this.takes('.')) {
        path.push(this.#attributeName());
      } else if (this.takes('[')) {
        if (!/^\d+$/.test(this.peek())) throw this.syntaxError();
        path.push(Number(this.next()));
        this.expect(']');
      } else {
        return path;
      }
    }
  }

  error(problem: string): AwsError {
    return validationError(`Invalid ${this.kind}: ${problem}`);
  }

  syntaxError(): AwsError {
    const near = this.#tokens.slice(Math.max(0, this.#position - 1), this.#position + 2).join(' ');
    return this.error(`Syntax error; token: "${this.peek() || '<EOF>'}", near: "${near}"`);
  }

  #attributeName(): string {
    const token = this.peek();
    if (token.startsWith('#')) return this.#bindings.name(this.next(), this.kind);
    if (!/^[A-Za-z_]/.test(token)) throw this.syntaxError();
    return this.next();
  }
}

function tokenize(kind: ExpressionKind, source: string): string[] {
  const tokens: string[] = [];
  for (const [, token, stray] of source.trim().matchAll(TOKEN)) {
    if (token === undefined) {
      throw validationError(`Invalid ${kind}: Syntax error; token: "${stray}", near: "${source}"`);
    }
    tokens.push(token);
  }
  return tokens;
}
