import { expect, it, onTestFinished } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import type { SlackSettings } from '../../lib/destinations/slack/index.ts';
import { sender } from '../../lib/destinations/slack/send.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import type { SlackChannel } from '../../lib/local/simulators/slack-channels.ts';
import { type SlackScope, slackScopes } from '../../lib/local/simulators/slack-scopes.ts';
import { failedCall } from '../delivery/events.ts';
import { slackSettings } from './slack-settings.ts';

const TOKEN = 'xoxb-1';
const OPS = { id: 'C0000000OPS', name: 'voice-ops' };
const BOARD = { id: 'C00000BOARD', name: 'board', private: true };

async function workspace({
  channels = [{ id: 'C0000000OLD', name: 'old', archived: true }, OPS, BOARD],
  without = [],
}: {
  channels?: readonly SlackChannel[];
  without?: readonly SlackScope[];
} = {}): Promise<SlackLookalike> {
  const slack = await startSlack({
    token: TOKEN,
    channels,
    scopes: slackScopes.filter((scope) => !without.includes(scope)),
  });
  onTestFinished(slack.close);
  return slack;
}

const outgoingTo = ({ apiUrl }: SlackLookalike, channel: string): Outgoing<SlackSettings> => ({
  event: failedCall(),
  settings: slackSettings({ channel, baseUrl: apiUrl }),
  secrets: { token: TOKEN },
});

/** Posts what a sender that died since has posted: this process knows nothing of it. */
async function posted({ apiUrl }: SlackLookalike, channel: string, id: string): Promise<string> {
  const response = await fetch(`${apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      channel,
      text: 'A call',
      metadata: { event_type: 'callwire_event', event_payload: { id } },
    }),
  });
  return String(Object(await response.json()).ts);
}

const find = (slack: SlackLookalike, channel: string) =>
  sender.find?.(outgoingTo(slack, channel), new Date());

it.each([
  ['#voice-ops', OPS],
  [OPS.id, OPS],
  ['#board', BOARD],
  [BOARD.id, BOARD],
])('finds in %s what a sender has posted that died since', async (channel, { id }) => {
  const slack = await workspace();
  await posted(slack, id, 'evt-other');
  expect(await find(slack, channel)).toEqual({ state: 'absent' });

  const ts = await posted(slack, id, failedCall().id);

  expect(await find(slack, channel)).toEqual({ state: 'arrived', receipt: { channel: id, ts } });
  expect(slack.violations()).toEqual([]);
});

it('finds a channel by its name on a later page, with archived ones before it', async () => {
  const before = Array.from({ length: 2_100 }, (_, index) => ({
    id: `C${index}`,
    name: `channel-${index}`,
    archived: index < 1_500,
  }));
  const slack = await workspace({ channels: [...before, OPS] });
  const ts = await posted(slack, OPS.id, failedCall().id);

  expect(await find(slack, '#voice-ops')).toMatchObject({ state: 'arrived', receipt: { ts } });
});

it.each<[string, SlackScope]>([
  ['#voice-ops', 'channels:read'],
  ['#voice-ops', 'channels:history'],
  [OPS.id, 'channels:history'],
  ['#board', 'groups:read'],
  ['#board', 'groups:history'],
  [BOARD.id, 'groups:history'],
])('cannot say of %s without %s, and names the scopes', async (channel, scope) => {
  const slack = await workspace({ without: [scope] });
  await posted(slack, channel, failedCall().id);

  const finding = await find(slack, channel);

  expect(finding).toMatchObject({ state: 'unknown', reason: 'missing_scope' });
  expect(JSON.stringify(finding)).toContain('channels:history and channels:read');
});

it.each<[string, SlackScope[]]>([
  ['#voice-ops', ['groups:read', 'groups:history']],
  [OPS.id, ['channels:read', 'groups:read', 'groups:history']],
  [BOARD.id, ['channels:read', 'channels:history', 'groups:read']],
])('needs for %s none of the scopes %s', async (channel, without) => {
  const slack = await workspace({ without });
  await posted(slack, channel, failedCall().id);

  expect(await find(slack, channel)).toMatchObject({ state: 'arrived' });
});

it('cannot say of a channel that it may not see', async () => {
  const slack = await workspace({ channels: [{ ...BOARD, member: false }] });

  expect(await find(slack, '#board')).toMatchObject({
    state: 'unknown',
    reason: 'channel_not_found',
  });
});
