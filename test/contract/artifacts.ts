import { compile } from 'json-schema-to-typescript';
import * as z from 'zod';
import { asyncApiDocument } from '../../lib/contract/asyncapi.ts';
import { jsonSchemaOf } from '../../lib/contract/json-schema.ts';
import { rulePatterns } from '../../lib/contract/patterns.ts';
import { sampleEvents } from '../../lib/contract/samples.ts';
import { eventSchema } from '../../lib/events/event.ts';
import packageJson from '../../package.json' with { type: 'json' };

const BANNER = `// Generated from lib/events/event.ts by \`npm run contract\`. Types only: import type { Event } from 'callwire/events'.
`;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The types of the events, without zod: what a consumer compiles against. */
async function typesOf(schema: unknown): Promise<string> {
  const { $ref: _root, ...rest } = z.record(z.string(), z.unknown()).parse(schema);
  const types = await compile({ title: 'CallwireEvents', ...rest }, 'CallwireEvents', {
    bannerComment: BANNER,
    unreachableDefinitions: true,
    additionalProperties: false,
    style: { singleQuote: true, printWidth: 100 },
  });
  return (
    types
      // The document as a whole is no type of anything.
      .replace(/export interface CallwireEvents \{[^}]*\}\n+/, '')
      // Where a type comes from in the schema is of no use to who reads the type.
      .replaceAll(/(\n \*)?\n \* This interface was referenced by [^\n]*\n \* via the [^\n]*/g, '')
      .replaceAll('/**\n */\n', '')
  );
}

/** What stands in lib/contract/artifacts, by file name, made anew. */
export async function generateArtifacts(): Promise<ReadonlyMap<string, string>> {
  const draft07 = jsonSchemaOf(eventSchema, { target: 'draft-07' });
  const asyncapi = asyncApiDocument({
    version: packageJson.version,
    schema: draft07,
    samples: sampleEvents,
  });
  return new Map([
    ['event.schema.json', json(jsonSchemaOf(eventSchema, { target: 'draft-2020-12' }))],
    ['asyncapi.json', json(asyncapi)],
    ['samples.json', json(sampleEvents)],
    ['patterns.json', json(rulePatterns)],
    ['events.d.ts', await typesOf(draft07)],
  ]);
}
