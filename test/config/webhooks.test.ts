import { describe, expect, it } from 'vitest';
import { brief, GOOD, read, refusal, spoilt } from './sample-file.ts';

const PASSAGE = '    share: { summary: false }\n';
const withWebhook = (webhook: string, provider = 'hamsa') =>
  spoilt(PASSAGE, `    webhook: ${webhook}\n`).replace(
    'provider: hamsa\n',
    `provider: ${provider}\n`,
  );
const problems = (webhook: string, provider?: string) =>
  refusal(withWebhook(webhook, provider)).problems.map(brief);
const settings = (webhook: string, provider?: string) =>
  read(withWebhook(webhook, provider)).config.connections[0]?.webhook;

describe('webhooks of a connection', () => {
  it('are not taken unless the file says so', () => {
    expect(read(GOOD).config.connections[0]?.webhook).toBeUndefined();
  });

  it('are signed as the provider describes, or as the file says', () => {
    expect(settings('{ secrets: [env:A, "secret:callwire/providers/main#hook"] }')).toEqual({
      secrets: ['env:A', 'secret:callwire/providers/main#hook'],
    });
    expect(settings('{ secrets: [env:A], scheme: bearer }', 'vozagent')).toMatchObject({
      scheme: 'bearer',
    });
    expect(
      settings(
        '{ secrets: [env:A], scheme: hmac, header: X-Signature, prefix: "sha256=", encoding: base64, timestampHeader: X-Time }',
      ),
    ).toMatchObject({ header: 'x-signature', encoding: 'base64', timestampHeader: 'x-time' });
  });

  it.each([
    ['{ secrets: [] }', /secrets: has to name one secret or two\. Write/],
    [
      '{ secrets: [env:A, env:B, env:C] }',
      /secrets: has to name one secret or two\. Write the old/,
    ],
    ['{ secrets: whsec_plain }', /secrets: is not a list\. Write secrets: \[env:NAME\]/],
    ['{ secrets: [whsec_plain] }', /secrets\[0\]: .*Never write a secret here/],
    ['{ secrets: [env:A], scheme: samva }', /scheme: .*is not a scheme\. Write bearer or hmac/],
    ['{ secrets: [env:A], scheme: hmac }', /scheme: has no header\. Write header/],
    ['{ secrets: [env:A], header: X-A }', /header: belongs to a scheme\. Write scheme/],
    ['{ secrets: [env:A], scheme: hmac, header: "X A" }', /header: .*is not the name of a header/],
    ['{ secrets: [env:A], scheme: bearer, prefix: a }', /prefix: belongs to an hmac\. Write/],
    ['{ secrets: [env:A], encoding: hex }', /encoding: belongs to an hmac\. Write/],
    [
      '{ secrets: [env:A], scheme: hmac, header: X-A, encoding: utf }',
      /encoding: .*is not an encoding/,
    ],
    ['{}', /secrets: is missing/],
  ])('%s is refused with what to write instead', (webhook, problem) => {
    expect(problems(webhook)).toEqual([expect.stringMatching(problem)]);
  });

  it('need a scheme where no page of the provider says how they are signed', () => {
    expect(problems('{ secrets: [env:A] }', 'vozagent')).toEqual([
      '7 connections[0].webhook: has no scheme, and no page of "vozagent" says how its webhooks are signed. Write scheme: bearer, or scheme: hmac with the header that has the signature.',
    ]);
  });
});
