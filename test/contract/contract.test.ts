import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { breakingChanges } from '../../lib/contract/breaking-changes.ts';
import { busSchemas } from '../../lib/contract/bus-schemas.ts';
import { type JsonSchema, jsonSchemaOf } from '../../lib/contract/json-schema.ts';
import { rulePatterns } from '../../lib/contract/patterns.ts';
import { sampleEvents } from '../../lib/contract/samples.ts';
import { EVENT_SOURCE, type Event, eventSchema, eventTypes } from '../../lib/events/event.ts';
import { matchesPattern } from '../../lib/local/event-pattern.ts';
import { generateArtifacts } from './artifacts.ts';
import { asyncApiProblems, danglingReferences, eventValidator } from './validators.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'lib', 'contract', 'artifacts');
const committed = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const parsed = (name: string) => JSON.parse(committed(name)) as JsonSchema;
const schemaOf = (schema: z.ZodType) => jsonSchemaOf(schema, { target: 'draft-2020-12' });

describe('the artifacts of the event contract', () => {
  it('are what is generated from the schema now (npm run contract)', async () => {
    for (const [name, text] of await generateArtifacts()) {
      expect(committed(name) === text, `${name} is stale: npm run contract`).toBe(true);
    }
  });

  it('break nobody who was written against what was released', () => {
    const broken = breakingChanges(parsed('released.schema.json'), parsed('event.schema.json'));

    expect(broken).toEqual([]);
  });

  it('hold an AsyncAPI document that its public schema accepts, and whose references lead somewhere', () => {
    const document = parsed('asyncapi.json');

    expect(asyncApiProblems(document)).toEqual([]);
    expect(danglingReferences(document)).toEqual([]);
    expect(asyncApiProblems({ ...document, info: {} })).not.toEqual([]);
    expect(danglingReferences({ ...document, components: {} })).not.toEqual([]);
  });

  it('hold a sample of each event type, which the public validator and our own accept', () => {
    const problemsOf = eventValidator();

    for (const type of eventTypes) {
      expect(sampleEvents[type].type).toBe(type);
      expect(problemsOf(sampleEvents[type]), type).toEqual([]);
      expect(eventSchema.parse(sampleEvents[type])).toEqual(sampleEvents[type]);
      expect(problemsOf({ ...sampleEvents[type], revision: -1 })).not.toEqual([]);
    }
  });

  it('fit into the schema registry, which takes 100 KB of a schema', () => {
    for (const schema of Object.values(busSchemas())) {
      expect(JSON.stringify(schema).length).toBeLessThan(100_000);
    }
  });
});

const onTheBus = (detail: Event) => ({ source: EVENT_SOURCE, 'detail-type': detail.type, detail });

describe('the ready-made rule patterns', () => {
  it.each([
    ['everything', [...eventTypes]],
    ['outcomes', ['call.completed', 'call.failed']],
    ['no-replays', ['call.completed', 'call.failed']],
    ['technical-failures', []],
    [
      'one-connection',
      ['call.completed', 'call.failed', 'call.stale', 'connection.failing'].concat(
        'connection.recovered',
        'provider.drifted',
      ),
    ],
    ['conversations', ['call.completed']],
    ['follow-ups', ['call.updated']],
    ['trouble', ['connection.failing', 'provider.drifted', 'delivery.failing']],
  ])('%s takes the samples that it says', (name, types) => {
    const pattern = rulePatterns.find((each) => each.name === name)?.pattern;
    const taken = eventTypes.filter((type) =>
      matchesPattern(pattern, onTheBus(sampleEvents[type])),
    );

    expect(taken).toEqual(types);
  });

  it('are all tried here, with what they leave out', () => {
    const failed = sampleEvents['call.failed'];
    const busted = {
      ...failed,
      call: { ...('call' in failed && failed.call), reason: 'provider.error' },
    };
    const patternOf = (name: string) => rulePatterns.find((each) => each.name === name)?.pattern;
    const event = { source: EVENT_SOURCE, 'detail-type': 'call.failed' };

    expect(rulePatterns).toHaveLength(8);
    expect(matchesPattern(patternOf('technical-failures'), { ...event, detail: busted })).toBe(
      true,
    );
    const replayed = { ...event, detail: { ...failed, replay: true } };
    expect(matchesPattern(patternOf('no-replays'), replayed)).toBe(false);
    expect(matchesPattern(patternOf('everything'), { ...event, source: 'other' })).toBe(false);
  });
});

describe('what breaks a consumer', () => {
  const before = z.object({
    type: z.enum(['a', 'b']),
    at: z.iso.datetime(),
    count: z.int().nonnegative(),
    name: z.string().nullable(),
    inner: z.object({ word: z.string(), tags: z.array(z.string()) }),
    more: z.record(z.string(), z.json()),
  });
  const compare = (after: z.ZodType) =>
    breakingChanges(schemaOf(before), schemaOf(after)).map(
      ({ path, problem }) => `${path}: ${problem}`,
    );

  it('is nothing where nothing changes, or something is added', () => {
    expect(compare(before)).toEqual([]);
    expect(compare(before.extend({ fresh: z.string(), type: z.enum(['a', 'b', 'c']) }))).toEqual(
      [],
    );
    expect(compare(before.extend({ name: z.string() }))).toEqual([]);
  });

  it.each([
    ['a field that is gone', before.omit({ name: true }), 'name: is gone'],
    [
      'a field that may be missing',
      before.extend({ at: before.shape.at.optional() }),
      'at: may be missing now',
    ],
    ['a new null', before.extend({ at: before.shape.at.nullable() }), 'at: can be null now'],
    ['another kind of value', before.extend({ count: z.string() }), 'count: can be string now'],
    ['a bound that is gone', before.extend({ count: z.int() }), 'count: minimum was 0'],
    ['a form that is gone', before.extend({ at: z.string() }), 'at: format was date-time'],
    [
      'a word that does not come any more',
      before.extend({ type: z.enum(['a']) }),
      'type: is never b any more',
    ],
    ['a word that can be any', before.extend({ type: z.string() }), 'type: can be any word now'],
    [
      'something deep inside',
      before.extend({ inner: z.object({ tags: z.array(z.string()) }) }),
      'inner.word: is gone',
    ],
    [
      'an element of another kind',
      before.extend({ inner: z.object({ word: z.string(), tags: z.array(z.number()) }) }),
      'inner.tags[]: can be number now',
    ],
    ['values that can be anything', before.extend({ more: z.looseObject({}) }), 'more.*'],
  ])('is %s', (_what, after, problem) => {
    expect(compare(after).join('\n')).toContain(problem);
  });

  it('is an event type that is gone, or changed in one of several shapes', () => {
    const a = z.object({ type: z.literal(['a']), one: z.string() });
    const b = z.object({ type: z.enum(['b', 'c']), two: z.string().nullable() });
    const both = schemaOf(z.union([a, b]));
    const changed = z.union([b.extend({ two: z.number() }), a]);

    expect(breakingChanges(both, schemaOf(z.union([b, a])))).toEqual([]);
    expect(breakingChanges(both, schemaOf(z.union([b])))).toHaveLength(1);
    expect(breakingChanges(both, schemaOf(changed)).map(({ path }) => path)).toEqual(['two']);
  });

  it('is found in the schema of the events themselves', () => {
    const { call } = (eventSchema.options[0] ?? eventSchema).shape;
    const renamed = eventSchema.options[0].extend({ call: call.omit({ summary: true }) });
    const after = z.union([renamed, ...eventSchema.options.slice(1)]);

    expect(breakingChanges(schemaOf(eventSchema), schemaOf(after))).toEqual([
      { path: 'call.summary', problem: 'is gone' },
    ]);
  });
});
