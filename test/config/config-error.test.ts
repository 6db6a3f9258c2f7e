import { describe, expect, it } from 'vitest';
import { formatProblems, formatWarnings } from '../../lib/config/config-error.ts';
import { read, refusal, spoilt } from './sample-file.ts';

describe('a problem in the terminal', () => {
  it('shows the place, the field, the fix, and the line with a caret', () => {
    expect(formatProblems(refusal(spoilt('provider: hamsa\n', 'provider: hamza\n')))).toBe(
      [
        'callwire.yaml:3:15  connections[0].provider  "hamza" is not a provider. Did you mean "hamsa"?',
        '  3 |     provider: hamza',
        '    |               ^',
        '',
      ].join('\n'),
    );
  });

  it('is called a warning where the file is used all the same', () => {
    const { warnings } = read(spoilt('not: [busy]', 'not: [bussy]'));

    expect(formatWarnings({ file: 'callwire.yaml', problems: warnings })).toContain(
      'callwire.yaml:16:70  warning: routes[0].when.reason.not[0]  "bussy" is a reason that',
    );
  });

  it('cuts a huge value short', () => {
    const text = spoilt('provider: hamsa\n', `provider: ${'x'.repeat(300_000)}\n`);

    expect(formatProblems(refusal(text)).length).toBeLessThan(500);
  });

  it('lets no control or direction character through', () => {
    const output = formatProblems(
      refusal(spoilt('provider: hamsa\n', 'provider: "a\\e[2J\u202e"\n')),
    );

    expect(output).not.toContain('\u001b');
    expect(output).not.toContain('\u202e');
  });

  const SECRET = 'S3CR3T';
  it.each([
    ['a literal key', 'key: env:HAMSA_API_KEY', `key: ${SECRET}`],
    ['a quoted key', 'key: env:HAMSA_API_KEY', `key: "${SECRET}, ${SECRET}"`],
    ['a key in a list', 'key: env:HAMSA_API_KEY', `key: [${SECRET}]`],
    ['a key in a block', 'key: env:HAMSA_API_KEY', `key: |\n      ${SECRET}`],
    ['a key behind a misspelt name', 'key: env:HAMSA_API_KEY', `kye: ${SECRET}`],
    ['a key behind an unknown name', 'key: env:HAMSA_API_KEY', `authentication: ${SECRET}`],
    ['a key in a comment', 'key: env:HAMSA_API_KEY', `key: nonsense # was ${SECRET}`],
    ['a key that is no YAML', 'key: env:HAMSA_API_KEY', `key: @${SECRET}`],
    ['a key with a colon', 'key: env:HAMSA_API_KEY', `key: a: ${SECRET}`],
    ['a key without a space', 'key: env:HAMSA_API_KEY', `key:${SECRET}`],
    ['a key with a stray quote', 'key: env:HAMSA_API_KEY', `key: "a" ${SECRET}`],
    ['a key in an unclosed quote', 'key: env:HAMSA_API_KEY', `key: "${SECRET}`],
    [
      'a token beside another fault',
      'kind: slack, token: env:SLACK_BOT_TOKEN',
      `kind: slak, token: ${SECRET}`,
    ],
    [
      'an unknown name beside another fault',
      'kind: slack, token: env:SLACK_BOT_TOKEN',
      `kind: slack, tokn: ${SECRET}, falback: x`,
    ],
    ['a token written twice', 'token: env:SLACK_BOT_TOKEN', `token: ${SECRET}, token: ${SECRET}`],
    ['an alias of a key', 'key: env:HAMSA_API_KEY', `key: &k ${SECRET}\n    phoneRegion: *k`],
  ])('never shows %s', (_, passage, replacement) => {
    const error = refusal(spoilt(passage, replacement));

    expect(formatProblems(error)).not.toContain(SECRET);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(SECRET);
  });
});
