import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { jsonSchemaOf } from '../../lib/contract/json-schema.ts';
import { eventSchema } from '../../lib/events/event.ts';

const specs = createRequire(import.meta.url);

/** Where and what, without the value, which may be somebody's name. */
const inWords = (errors: readonly ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);

/** What is wrong with an event, by the published schema and a validator that is not ours. */
export function eventValidator(): (event: unknown) => string[] {
  const ajv = new Ajv2020({ allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(jsonSchemaOf(eventSchema, { target: 'draft-2020-12' }));
  return (event) => (validate(event) ? [] : inWords(validate.errors));
}

/** What is wrong with an AsyncAPI document, by the schema that the AsyncAPI Initiative publishes. */
export function asyncApiProblems(document: unknown): string[] {
  const ajv = new Ajv({ allErrors: true, strict: false, meta: false, validateSchema: false });
  formats.default(ajv);
  const file = specs.resolve('@asyncapi/specs/schemas/3.0.0.json');
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
  return validate(document) ? [] : inWords(validate.errors);
}

/** References of a document that lead nowhere: a schema of documents does not follow them. */
export function danglingReferences(document: unknown): string[] {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  return [...new Set(references)].filter((path) => {
    const found = path
      .split('/')
      .reduce<unknown>((at, step) => (Object(at) as Record<string, unknown>)[step], document);
    return found === undefined;
  });
}
