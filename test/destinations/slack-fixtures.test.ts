import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readContent } from '../../lib/local/simulators/slack-content.ts';
import { slackCases } from './slack-cases.ts';

const folder = new URL('../fixtures/slack/', import.meta.url);

/** Some were refused at 11,341 characters (slackapi/bolt-js#2867); nobody documents where it begins. */
const STRICTEST = 11_000;

const codePoints = (text: string): string => JSON.stringify([...text]);

it('are one file for each case', () => {
  expect(readdirSync(folder).sort()).toEqual(slackCases.map(({ name }) => `${name}.json`).sort());
});

describe.each(slackCases)('$name', ({ name, says = [], render }) => {
  const stored: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  const messages = render();

  it('is rendered as it was reviewed (else: npm run fixtures:slack, and review)', () => {
    expect(codePoints(JSON.stringify(messages))).toBe(codePoints(JSON.stringify(stored)));
  });

  it('is accepted by Slack in each form, notifies nobody, and hides nothing it has to say', () => {
    const forms = [0, 1, 2].map((form) =>
      messages.map((ladder) => readContent({ ...ladder[form] }, STRICTEST)),
    );

    for (const contents of forms) {
      expect(contents.flatMap(({ mentions }) => mentions)).toEqual([]);
      const seen = contents.map((content) => content.seen).join('\n');
      for (const words of says) expect(seen).toContain(words);
      expect(seen).not.toMatch(/undefined|\bnull\b|NaN|\[object/);
    }
  });
});
