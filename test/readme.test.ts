import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readCallwireFile } from '../lib/config/callwire-file.ts';
import { connectionSchema } from '../lib/config/settings.ts';
import { destinations } from '../lib/destinations/index.ts';
import { providers } from '../lib/providers/index.ts';

const ROOT = new URL('..', import.meta.url);
const readme = readFileSync(new URL('README.md', ROOT), 'utf8');

/** Names of settings at any depth; not those that an operator makes up, such as agents. */
const namesIn = (schema: unknown): string[] => {
  if (schema === null || typeof schema !== 'object') return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(Object(value)) : []),
    ...namesIn(value),
  ]);
};

describe('the README', () => {
  it('shows a configuration that is read without a word', () => {
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(readme) ?? [];
    const { config, warnings } = readCallwireFile(example, {
      file: 'README.md',
      providers,
      destinations,
    });

    expect(warnings).toEqual([]);
    expect(config.destinations.map(({ kind }) => kind)).toEqual(['slack', 'hubspot', 'webhook']);
  });

  it('shows settings of Salesforce that are read without a word', () => {
    const [, example = ''] = /```yaml\n(destinations:\n.*?)```/s.exec(readme) ?? [];
    const connection = '{ id: clinic-riyadh, provider: hamsa, key: env:KEY }';
    const { config } = readCallwireFile(`connections:\n  - ${connection}\n${example}`, {
      file: 'README.md',
      providers,
      destinations,
    });

    expect(config.destinations.map(({ kind }) => kind)).toEqual(['salesforce']);
  });

  it.each<[string, z.ZodType]>([
    ['connections', connectionSchema],
    ...destinations
      .filter(({ kind }) => readme.includes(`kind: ${kind}`))
      .map(({ kind, settings }): [string, z.ZodType] => [kind, settings]),
  ])('names every setting of %s, which it shows', (_of, schema) => {
    const named = new Set(readme.match(/\w+/g));
    const written = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

    expect(namesIn(written)).toContain('id');
    expect(namesIn(written).filter((name) => !named.has(name))).toEqual([]);
  });

  it('links to headings that it has', () => {
    const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const targets = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, heading = '']) => heading);

    expect(targets).toContain('when-a-destination-is-down');
    expect(targets.filter((target) => !headings.includes(target))).toEqual([]);
  });

  it('links to files that are there', () => {
    const targets = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);

    expect(targets.length).toBeGreaterThan(5);
    expect(targets.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const papers = ['README.md', 'AGENTS.md', 'CONTRIBUTING.md'].map((paper) =>
      readFileSync(new URL(paper, ROOT), 'utf8'),
    );
    const named = papers.flatMap((text) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    );

    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
