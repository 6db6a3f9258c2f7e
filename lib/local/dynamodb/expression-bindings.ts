import { parseItem, type Value } from './attribute-value.ts';
import { validationError } from './errors.ts';

/** The members of a request that its expressions refer to. */
export interface ExpressionInput {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

/** What `#name` and `:value` stand for in one request, and which of them its expressions used. */
export class ExpressionBindings {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #used = new Set<string>();

  constructor(input: ExpressionInput) {
    for (const [member, content] of Object.entries({
      ExpressionAttributeNames: input.ExpressionAttributeNames,
      ExpressionAttributeValues: input.ExpressionAttributeValues,
    })) {
      if (content !== undefined && Object.keys(content).length === 0) {
        throw validationError(`${member} must not be empty`);
      }
    }
    this.#names = new Map(Object.entries(input.ExpressionAttributeNames ?? {}));
    this.#values = new Map(Object.entries(parseItem(input.ExpressionAttributeValues ?? {})));
  }

  /** The attribute name behind `#placeholder`. `expression` names the expression in the error. */
  name(placeholder: string, expression: string): string {
    const name = this.#names.get(placeholder);
    if (name === undefined) throw undefinedPlaceholder('name', placeholder, expression);
    this.#used.add(placeholder);
    return name;
  }

  /** The value behind `:placeholder`. */
  value(placeholder: string, expression: string): Value {
    const value = this.#values.get(placeholder);
    if (value === undefined) throw undefinedPlaceholder('value', placeholder, expression);
    this.#used.add(placeholder);
    return value;
  }

  /** Refuses the request if it defines what none of its expressions mentions. Call it when all are parsed. */
  requireAllUsed(): void {
    for (const [member, defined] of [
      ['ExpressionAttributeNames', this.#names],
      ['ExpressionAttributeValues', this.#values],
    ] as const) {
      const unused = [...defined.keys()].filter((placeholder) => !this.#used.has(placeholder));
      if (unused.length > 0) {
        throw validationError(
          `Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`,
        );
      }
    }
  }
}

function undefinedPlaceholder(kind: 'name' | 'value', placeholder: string, expression: string) {
  const place = kind === 'name' ? 'the document path' : 'expression';
  return validationError(
    `Invalid ${expression}: An expression attribute ${kind} used in ${place} is not defined; ` +
      `attribute ${kind}: ${placeholder}`,
  );
}
