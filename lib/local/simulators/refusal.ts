/** A request that a simulator refuses, in the words it is refused with. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws Refusal (400) when `text` is no UUID. */
export function checkUuid(text: string, name: string): void {
  if (!UUID.test(text)) throw new Refusal(400, `${name} must be a UUID`);
}

/**
 * Our strictness: an API that ignores what it does not know would hide a misspelt filter.
 *
 * @throws Refusal (400) for a parameter that is in neither list, or given twice and not `repeatable`.
 */
export function checkNames(
  parameters: URLSearchParams,
  single: readonly string[],
  repeatable: readonly string[] = [],
): void {
  for (const name of new Set(parameters.keys())) {
    if (repeatable.includes(name)) continue;
    if (!single.includes(name)) throw new Refusal(400, `Unknown query parameter ${name}`);
    if (parameters.getAll(name).length > 1) {
      throw new Refusal(400, `Query parameter ${name} was given more than once`);
    }
  }
}

/** Undefined when it was not given. @throws Refusal (400) for what is no integer within the bounds. */
export function readInteger(
  parameters: URLSearchParams,
  name: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    const bounds = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`;
    throw new Refusal(400, `${name} must be an integer of ${bounds}`);
  }
  return value;
}

/** Undefined when it was not given. @throws Refusal (400) for another word. */
export function readWord<Word extends string>(
  parameters: URLSearchParams,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const word = words.find((known) => known === text);
  if (word === undefined) throw new Refusal(400, `${name} must be one of ${words.join(', ')}`);
  return word;
}
