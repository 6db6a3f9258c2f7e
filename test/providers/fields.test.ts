import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conclude } from '../../lib/calls/call.ts';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { connectionSchema } from '../../lib/config/settings.ts';
import { providers } from '../../lib/providers/index.ts';
import { isListed, type Provider } from '../../lib/providers/provider.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, fixtures), 'utf8');
const table = text('FIELDS.md');
const rowsUnder = (heading: string): [string, string][] => {
  const [, section = ''] = table.split(`\n## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  return [...body.matchAll(/^\| (`.+`) \| (.+) \|$/gm)].map(([, field = '', use = '']) => [
    field,
    use,
  ]);
};

type Path = readonly (string | number)[];

/** Every place of a JSON value that holds no further ones. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((entry, index) => [index, entry])
    : Object.entries(value);
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, entry]) => leaves(entry, [...path, key]));
}

const nameOf = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? '[]' : `.${key}`))
    .join('')
    .replace(/^\./, '');

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => Object(inner)[key], value);

function withValue(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  const changed = withValue(valueAt(value, [key]), rest, other);
  return Array.isArray(value)
    ? value.with(Number(key), changed)
    : { ...Object(value), [key]: changed };
}

/** Another of the provider's words: one that means something else in every respect, if there is one. */
function otherWord({ statuses }: Provider, word: string): string {
  const meaningOf = (name: string) => {
    const meaning = statuses[name];
    return meaning ? Object.values(conclude(meaning, null)) : [];
  };
  const mine = meaningOf(word);
  const differing = (name: string) =>
    meaningOf(name).filter((part, index) => part !== mine[index]).length;
  const [other = `${word}-other`] = Object.keys(statuses).toSorted(
    (a, b) => differing(b) - differing(a),
  );
  return other;
}

/** Another value that the field could have. */
function otherValue(provider: Provider, path: Path, value: unknown): unknown {
  const name = String(path.findLast((key) => typeof key === 'string') ?? '');
  const isWord = typeof value === 'string' && Object.hasOwn(provider.statuses, value);
  if (isWord || /status$/i.test(name)) return otherWord(provider, String(value));
  if (value === 'inbound' || value === 'outbound') {
    return value === 'inbound' ? 'outbound' : 'inbound';
  }
  if (/url$/i.test(name)) return 'https://other.example/1';
  if (/number$|^from$|^to$/i.test(name) || /^\+\d+$/.test(String(value))) return '+442079460000';
  if (name === 'success') return value;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 7 ? 8 : 7;
  if (typeof value === 'string') {
    return Number.isNaN(Date.parse(value)) ? `${value}-other` : '2025-01-01T00:00:00Z';
  }
  return value === null ? 'filled in' : { filled: 'in' };
}

const settings = (provider: Provider) =>
  connectionSchema.parse({ id: 'fixture', provider: provider.id, key: 'env:KEY' });

/** The first call that an answer tells of, the rest of what is read from it, and what the provider said of it. */
function readSample(provider: Provider, sample: string, body: unknown) {
  const page = sample === 'list' ? provider.list.read(body, 0, undefined) : undefined;
  const records = page ? [...page.listed, ...page.rejected] : [provider.detail?.read(body)];
  const calls = records.map((record) => {
    if (!record || !isListed(record)) throw new Error(`rejected: ${JSON.stringify(record)}`);
    return normalizeCall(record.facts, provider, settings(provider));
  });
  const updatedAt = records.map((record) =>
    record && isListed(record) ? record.facts.updatedAt : undefined,
  );
  return { calls, updatedAt, paging: { matching: page?.matching, next: page?.next } };
}

/** What differs between two readings, in the words of the table. */
function differences(
  before: ReturnType<typeof readSample>,
  after: ReturnType<typeof readSample>,
): string[] {
  const names = new Set<string>();
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  for (const [index, call] of after.calls.entries()) {
    const was = before.calls[index];
    for (const [field, value] of Object.entries(call)) {
      if (field !== 'attributes' && differs(Object(was)[field], value)) names.add(`\`${field}\``);
    }
    for (const name of Object.keys({ ...was?.attributes, ...call.attributes })) {
      if (differs(was?.attributes[name], call.attributes[name])) names.add(`attribute \`${name}\``);
    }
  }
  if (differs(before.updatedAt, after.updatedAt)) names.add('latest possible end');
  if (differs(before.paging, after.paging)) names.add('paging');
  return [...names];
}

/** What the table says, as a set of the same words. */
const saidOf = (use: string): string[] =>
  use === 'raw record' || use === 'envelope' || use.startsWith('nothing') ? [] : use.split(', ');

const samples = providers.flatMap((provider) =>
  (['list', 'detail'] as const)
    .filter((kind) => kind === 'list' || provider.detail)
    .map((kind) => [`${provider.id}/${kind}`, provider, kind] as const),
);

describe.each(samples)('the table of fields of %s', (name, provider, kind) => {
  const body: unknown = JSON.parse(text(`${name}.json`));
  const rows = new Map(rowsUnder(name).map(([field, use]) => [field.slice(1, -1), use]));

  it('names every field of the sample, and no other', () => {
    expect([...rows.keys()].sort()).toEqual([...new Set(leaves(body).map(nameOf))].sort());
  });

  // Of a field that several records have, one that says something: of it another value is known.
  const paths = leaves(body).toSorted(
    (a, b) => Number(valueAt(body, a) !== null) - Number(valueAt(body, b) !== null),
  );
  it.each([...new Map(paths.map((path) => [nameOf(path), path]))])(
    'says where %s goes',
    (field, path) => {
      const before = readSample(provider, kind, body);
      const changed = withValue(body, path, otherValue(provider, path, valueAt(body, path)));

      const told = differences(before, readSample(provider, kind, changed));

      expect(told.sort()).toEqual(saidOf(rows.get(field) ?? 'no row').sort());
    },
  );
});

it.each(providers)('the table says what is asked of $id', (provider) => {
  const said = rowsUnder('Query parameters').flatMap(([parameter, use]) => {
    const [, id, name = ''] = /^`(\w+)` `(\w+)`$/.exec(parameter) ?? [];
    return id === provider.id && use === 'asked' ? [name] : [];
  });
  const { query } = provider.list.request({
    cursor: 1,
    pageSize: 1,
    window: { from: new Date(0), to: new Date() },
    statuses: ['x'],
  });

  expect(query.map(([name]) => name).sort()).toEqual(said.sort());
});
