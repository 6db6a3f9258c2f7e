import { beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import { type SlackSettings, slack } from '../../lib/destinations/slack/index.ts';
import { sender } from '../../lib/destinations/slack/send.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { failedCall } from '../delivery/events.ts';
import { slackSettings } from './slack-settings.ts';

const PATH = '/services/T0/B0/do-not-leak';

describe('an incoming webhook', () => {
  let workspace: SlackLookalike;
  beforeEach(async () => {
    workspace = await startSlack({
      token: 'xoxb-1',
      channels: [{ id: 'C0123456789', name: 'voice-ops' }],
      webhooks: [{ path: PATH, channel: 'C0123456789' }],
    });
    return () => workspace.close();
  });

  const outgoing = (url = `${workspace.url}${PATH}`): Outgoing<SlackSettings> => ({
    event: failedCall({ summary: '<!channel> help' }),
    settings: slack.settings.parse({ id: 'ops', kind: 'slack', url: 'env:SLACK_WEBHOOK' }),
    secrets: { url },
  });
  const failure = async (url?: string): Promise<unknown> =>
    sender.send(outgoing(url)).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('is told as a channel is', async () => {
    expect(await sender.send(outgoing())).toEqual({ answer: 'ok' });

    expect(workspace.messages()[0]?.seen).toContain('❌ Call failed: no answer');
    expect(workspace.messages()[0]?.mentions).toEqual([]);
  });

  it('is told of what came later by a message of its own', async () => {
    const opener = failedCall();
    const standing = { opener, count: 3, lastAt: opener.occurredAt };
    const events = [failedCall({ id: 'call-2' }), failedCall({ id: 'call-3' })];

    await sender.incidents?.reply({
      ...{ ...outgoing(), events, standing, parent: { answer: 'ok' }, broadcast: false },
    });

    expect(workspace.messages()[0]).toMatchObject({ threadTs: undefined });
    expect(workspace.messages()[0]?.seen).toMatch(/2 more calls failed[\s\S]*call-2[\s\S]*call-3/);
  });

  it('cannot say whether something arrived', async () => {
    expect(await sender.find?.(outgoing(), new Date())).toMatchObject({ state: 'unknown' });
  });

  it.each(['channel_is_archived', 'channel_not_found', 'action_prohibited', 'no_service'])(
    'says of %s what a person has to do, and that it is about all of it',
    async (word) => {
      workspace.faults.refuse = { 'voice-ops': word };

      expect(await failure()).toMatchObject({
        ...{ name: 'PermanentError', reason: word, scope: 'destination' },
      });
    },
  );

  it('waits as long as it is asked to', async () => {
    workspace.faults.tooManyRequests = 1;
    workspace.faults.retryAfterSeconds = 17;

    expect(await failure()).toMatchObject({ reason: 'rate_limited', retryAfterMs: 17_000 });
  });

  it('does not know whether a lost answer was lost before or after', async () => {
    workspace.faults.lostAnswer = 1;

    expect(await failure()).toMatchObject({ reason: 'unreachable', maybeDone: true });
  });

  it.each(['no address', 'ftp://example.com', '', `http://127.0.0.1:1${PATH}`])(
    'never shows its address: %s',
    async (url) => {
      const error = await failure(url);

      expect(error).toBeInstanceOf(Error);
      expect(String(error)).not.toContain('do-not-leak');
    },
  );

  it('is warned of by whoever reads the configuration', () => {
    expect(slack.caveat?.(outgoing().settings)).toContain('incidents become new messages');
    expect(slack.caveat?.(slackSettings())).toBeUndefined();
  });

  it.each([
    [{ url: 'env:URL', token: 'env:TOKEN' }, 'token'],
    [{ url: 'env:URL', channel: '#ops' }, 'channel'],
    [{ token: 'env:TOKEN' }, 'channel'],
    [{ channel: '#ops' }, 'token'],
    [{ url: 'https://hooks.slack.com/services/T0/B0/x' }, 'url'],
  ])('is configured instead of a token and a channel: not %j', (settings, field) => {
    const parsed = slack.settings.safeParse({ id: 'ops', kind: 'slack', ...settings });

    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toContain(field);
  });
});
