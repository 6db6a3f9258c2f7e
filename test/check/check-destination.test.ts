import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkDestination } from '../../lib/check/check-destination.ts';
import type { CheckFinding } from '../../lib/check/check-finding.ts';
import type { DestinationSettings } from '../../lib/config/settings.ts';
import type { Sender } from '../../lib/destinations/destination.ts';
import { sender as hubspot } from '../../lib/destinations/hubspot/send.ts';
import { sender as salesforce } from '../../lib/destinations/salesforce/send.ts';
import { sender as slack } from '../../lib/destinations/slack/send.ts';
import { createPost } from '../../lib/destinations/webhook/post.ts';
import { createSender, sender as webhook } from '../../lib/destinations/webhook/send.ts';
import { PermanentError } from '../../lib/errors.ts';
import { startHubSpot } from '../../lib/local/simulators/hubspot.ts';
import { startReceiver } from '../../lib/local/simulators/receiver.ts';
import { startSalesforce } from '../../lib/local/simulators/salesforce.ts';
import { type SlackOptions, startSlack } from '../../lib/local/simulators/slack.ts';

const TOKEN = 'xoxb-do-not-leak-0123456789';
const HOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

function check(
  sender: Sender,
  written: Readonly<Record<string, unknown>>,
  { secret = TOKEN, sendTest = false }: { secret?: string | undefined; sendTest?: boolean } = {},
) {
  const { kind, settings } = sender.definition;
  const read: DestinationSettings = { ...settings.parse({ id: 'there', kind, ...written }) };
  return checkDestination(read, {
    sender,
    sendTest,
    secret: async (reference) => {
      if (secret !== '') return secret;
      throw new PermanentError('key_missing', `${reference}: the variable is not set`);
    },
  });
}

/** Typed, because an asymmetric matcher is any. */
const containing = (text: string): unknown => expect.stringContaining(text);

const stateOf = ({ state, what }: CheckFinding) => `${state} ${what}`;

async function workspace(options: Partial<SlackOptions> = {}) {
  const channels = [{ id: 'C0123456789', name: 'voice-ops' }];
  const started = await startSlack({ token: TOKEN, channels, ...options });
  onTestFinished(() => started.close());
  return started;
}

describe('a Slack destination that is checked', () => {
  const at = (baseUrl: string, channel = '#voice-ops') => ({
    token: 'env:SLACK_BOT_TOKEN',
    channel,
    baseUrl,
  });

  it.each(['#voice-ops', 'C0123456789'])('is well where the bot sees %s', async (channel) => {
    const { apiUrl, messages } = await workspace();

    const findings = await check(slack, at(apiUrl, channel));

    expect(findings.map(stateOf)).toEqual(['ok token', 'ok channel']);
    expect(messages()).toEqual([]);
  });

  it('is wrong where there is no such channel', async () => {
    const { apiUrl } = await workspace();

    const findings = await check(slack, at(apiUrl, '#voice-opps'));

    expect(findings.map(stateOf)).toEqual(['ok token', 'wrong channel']);
    expect(findings[1]).toMatchObject({
      why: 'the bot sees no channel "#voice-opps"',
      fix: 'Correct the channel in the configuration, or invite the bot if it is private.',
    });
  });

  it('is not quite well where the bot was not invited, or cannot look for channels', async () => {
    const channels = [{ id: 'C0123456789', name: 'voice-ops', member: false }];
    const uninvited = await workspace({ channels });
    const blind = await workspace({ scopes: ['chat:write'] });

    expect((await check(slack, at(uninvited.apiUrl)))[1]).toMatchObject({
      state: 'warning',
      fix: 'Invite the bot to the channel: /invite @its-name.',
    });
    expect((await check(slack, at(blind.apiUrl)))[1]).toMatchObject({ state: 'warning' });
  });

  it('names the reference of a token that was revoked, and what to do', async () => {
    const { apiUrl } = await workspace({ faults: { refuseToken: 'token_revoked' } });

    expect(await check(slack, at(apiUrl))).toEqual([
      {
        state: 'wrong',
        what: 'access',
        why: 'refused: token_revoked (with env:SLACK_BOT_TOKEN)',
        fix: 'Install the Slack app again and replace the token: it was revoked.',
      },
    ]);
  });

  it('sends one message that says it is a test, only when asked', async () => {
    const { apiUrl, messages } = await workspace();

    const findings = await check(slack, at(apiUrl), { sendTest: true });

    expect(findings.at(-1)).toMatchObject({ state: 'ok', what: 'test' });
    expect(messages().map(({ text }) => text)).toEqual([
      'A test of Callwire. Nothing happened, and nothing has to be done.',
    ]);
  });

  it('sends no test where something is wrong', async () => {
    const { apiUrl, messages } = await workspace();

    await check(slack, at(apiUrl, '#voice-opps'), { sendTest: true });

    expect(messages()).toEqual([]);
  });

  it('knows an incoming webhook from one that is gone, and posts nothing there', async () => {
    const webhooks = [{ path: '/services/T0/B0/x', channel: 'C0123456789' }];
    const { url, messages } = await workspace({ webhooks });
    const written = { url: 'env:SLACK_WEBHOOK' };

    const there = await check(slack, written, { secret: `${url}/services/T0/B0/x` });
    const gone = await check(slack, written, { secret: `${url}/services/T0/B0/y` });

    expect(there.map(stateOf)).toEqual(['ok address']);
    expect(gone).toMatchObject([
      { state: 'wrong', fix: 'Create another webhook: this one was removed or switched off.' },
    ]);
    expect(messages()).toEqual([]);
  });
});

describe('a HubSpot destination that is checked', () => {
  const account = async (options: Partial<Parameters<typeof startHubSpot>[0]> = {}) => {
    const started = await startHubSpot({ token: TOKEN, ...options });
    onTestFinished(() => started.close());
    return started;
  };
  const at = (baseUrl: string) => ({ token: 'env:HUBSPOT_TOKEN', baseUrl });

  it('is told what it lacks still, and is left as it is', async () => {
    const { url, requests } = await account();

    const findings = await check(hubspot, at(url), { sendTest: true });

    expect(findings.map(stateOf)).toEqual(['ok token', 'warning property', 'ok test']);
    expect(findings[2]?.why).toContain('none is sent');
    expect(requests().every((request) => request.startsWith('GET '))).toBe(true);
  });

  it('is wrong with a token that is refused, or that may not read calls', async () => {
    const refusing = await account({ token: 'another' });
    const limited = await account({ scopes: [] });

    expect(await check(hubspot, at(refusing.url))).toMatchObject([
      { state: 'wrong', why: 'refused: key_refused (with env:HUBSPOT_TOKEN)' },
    ]);
    expect(await check(hubspot, at(limited.url))).toMatchObject([
      { state: 'wrong', fix: containing('crm.objects.contacts.read') },
    ]);
  });
});

describe('a Salesforce destination that is checked', () => {
  const CLIENT = '3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC';
  const org = async (lacking: readonly 'Callwire_Written__c'[] = []) => {
    const started = await startSalesforce({ clientId: CLIENT, clientSecret: TOKEN, lacking });
    onTestFinished(() => started.close());
    return started;
  };
  const at = (baseUrl: string) => ({
    url: 'https://acme.my.salesforce.com',
    clientId: CLIENT,
    clientSecret: 'env:SALESFORCE_SECRET',
    contacts: { none: 'create' },
    baseUrl,
  });

  it('is well where it can log in and read the fields', async () => {
    const { url, requests } = await org();

    const findings = await check(salesforce, at(url));

    expect(findings.map(stateOf)).toEqual(['ok login', 'ok fields']);
    expect(requests().filter((request) => /^(POST|PATCH) s/.test(request))).toEqual([]);
  });

  it('is wrong with a secret that is refused, or without a field', async () => {
    const whole = await org();
    const lacking = await org(['Callwire_Written__c']);

    expect(await check(salesforce, at(whole.url), { secret: 'another' })).toMatchObject([
      { state: 'wrong', why: containing('env:SALESFORCE_SECRET') },
    ]);
    expect(await check(salesforce, at(lacking.url))).toMatchObject([
      { state: 'wrong', fix: containing('Callwire_Written__c') },
    ]);
  });
});

describe('a webhook that is checked', () => {
  const receiver = async () => {
    const started = await startReceiver({ secret: HOOK_SECRET });
    onTestFinished(() => started.close());
    return started;
  };
  const at = (url: string, allowLoopback = true) => ({
    url,
    secret: 'env:HOOK_SECRET',
    allowLoopback,
  });

  it('is well, and told nothing', async () => {
    const { hookUrl, received } = await receiver();

    const findings = await check(webhook, at(hookUrl), { secret: HOOK_SECRET });

    expect(findings.map(stateOf)).toEqual(['ok secret', 'ok address']);
    expect(received()).toEqual([]);
  });

  it('is told of a test, signed and of a type that no event has, only when asked', async () => {
    const { hookUrl, received, violations } = await receiver();

    await check(webhook, at(hookUrl), { secret: HOOK_SECRET, sendTest: true });

    expect(received().map(({ body }) => body)).toMatchObject([{ type: 'callwire.test' }]);
    expect(violations()).toEqual([]);
  });

  it('is wrong with a secret that cannot sign, without a word of it', async () => {
    const findings = await check(webhook, at('https://example.com/hook'), { secret: TOKEN });

    expect(findings).toMatchObject([{ state: 'wrong', fix: containing('whsec_') }]);
    expect(inspect(findings)).not.toContain(TOKEN);
  });

  it.each([
    ['a private address', null, '10.0.0.8', 'leads to no address on the internet'],
    ['nowhere', new Error('ENOTFOUND'), '', 'cannot be looked up'],
  ])('is wrong where its name leads to %s', async (_where, error, address, why) => {
    const sender = createSender(
      createPost(),
      () => new Date(),
      (_host, _options, done) => done(error, address === '' ? [] : [{ address, family: 4 }]),
    );

    const findings = await check(sender, at('https://hooks.example.com/in', false), {
      secret: HOOK_SECRET,
    });

    expect(findings.map(stateOf)).toEqual(['ok secret', 'wrong address']);
    expect(findings[1]?.why).toContain(why);
  });
});

describe('any destination that is checked', () => {
  it('names every variable that is not set, and is not asked', async () => {
    const { apiUrl } = await workspace();
    const written = { token: 'env:SLACK_BOT_TOKEN', channel: '#voice-ops', baseUrl: apiUrl };

    expect(await check(slack, written, { secret: '' })).toEqual([
      {
        state: 'wrong',
        what: 'token',
        why: 'env:SLACK_BOT_TOKEN leads to nothing',
        fix: 'Set it first: export SLACK_BOT_TOKEN=…',
      },
    ]);
  });

  it('tells that nobody answers from a refusal', async () => {
    const { apiUrl, close } = await startSlack({ token: TOKEN, channels: [] });
    await close();
    const written = { token: 'env:SLACK_BOT_TOKEN', channel: '#voice-ops', baseUrl: apiUrl };

    expect(await check(slack, written)).toMatchObject([
      { state: 'wrong', why: 'Slack auth.test gave no answer' },
    ]);
  });

  it('is taken for well by its secrets alone where its kind has no probe', async () => {
    const bare: Sender = { definition: hubspot.definition, send: hubspot.send };

    expect(await check(bare, { token: 'env:HUBSPOT_TOKEN' })).toMatchObject([
      { state: 'ok', what: 'secrets' },
    ]);
  });
});
