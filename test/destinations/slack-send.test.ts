import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import type { SlackSettings } from '../../lib/destinations/slack/index.ts';
import { sender } from '../../lib/destinations/slack/send.ts';
import { type SlackLookalike, startSlack } from '../../lib/local/simulators/slack.ts';
import { failedCall } from '../delivery/events.ts';
import { slackSettings } from './slack-settings.ts';
import { json, type StubServer, startStub } from './stub-server.ts';

const TOKEN = 'xoxb-1';
const outgoingTo = (
  baseUrl: string,
  over: Partial<SlackSettings> = {},
): Outgoing<SlackSettings> => ({
  event: failedCall(),
  settings: slackSettings({ baseUrl, ...over }),
  secrets: { token: TOKEN },
});
const failure = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('against the strict look-alike', () => {
  let workspace: SlackLookalike;
  beforeEach(async () => {
    workspace = await startSlack({
      token: TOKEN,
      channels: [
        { id: 'C0123456789', name: 'voice-ops' },
        { id: 'C0000000001', name: 'old', archived: true },
        { id: 'C0000000002', name: 'closed', member: false },
      ],
      limit: { perSecond: 1_000, burst: 1_000 },
    });
    return () => workspace.close();
  });

  it('posts a message that a person can read, and notifies nobody by accident', async () => {
    const receipt = await sender.send({
      ...outgoingTo(workspace.apiUrl),
      event: failedCall({ summary: '<!channel> help @here', agent: { id: null, name: 'محمد' } }),
    });

    const [message] = workspace.messages();
    expect(receipt).toEqual({ channel: 'C0123456789', ts: message?.ts });
    expect(message?.seen).toContain('❌ Call failed: no answer');
    expect(message?.seen).toContain('<!channel> help @here');
    expect(message?.mentions).toEqual([]);
    expect(workspace.violations()).toEqual([]);
  });

  it('finds by its id what has arrived, and says when it has not', async () => {
    const outgoing = outgoingTo(workspace.apiUrl, { channel: 'C0123456789' });
    const since = new Date();
    expect(await sender.find?.(outgoing, since)).toEqual({ state: 'absent' });

    workspace.faults.lostAnswer = { times: 1 };
    expect(await failure(sender.send(outgoing))).toMatchObject({ maybeDone: true });

    const [message] = workspace.messages();
    expect(await sender.find?.(outgoing, since)).toEqual({
      state: 'arrived',
      receipt: { channel: 'C0123456789', ts: message?.ts },
    });
    const other = { ...outgoing, event: { ...failedCall(), id: 'evt-other' } };
    expect(await sender.find?.(other, since)).toEqual({ state: 'absent' });
  });

  it.each([
    ['#old', 'is_archived'],
    ['#closed', 'not_in_channel'],
    ['#gone', 'channel_not_found'],
  ])('says of %s that it is %s, and what to do', async (channel, reason) => {
    const error = await failure(sender.send(outgoingTo(workspace.apiUrl, { channel })));

    expect(error).toMatchObject({ name: 'PermanentError', reason });
  });

  it('says of a wrong token that it is to be replaced', async () => {
    const outgoing = { ...outgoingTo(workspace.apiUrl), secrets: { token: 'xoxb-wrong' } };

    await expect(sender.send(outgoing)).rejects.toMatchObject({ reason: 'invalid_auth' });
    await expect(sender.send(outgoing)).rejects.toThrow('Replace the bot token');
  });

  it('keeps its messages small enough for a workspace that is stricter still', async () => {
    await workspace.close();
    workspace = await startSlack({
      token: TOKEN,
      channels: [{ id: 'C0123456789', name: 'voice-ops' }],
      maxBlockText: 300,
    });
    const event = failedCall({ summary: 'word '.repeat(8_000) });

    await sender.send({ ...outgoingTo(workspace.apiUrl), event });

    expect(workspace.messages()).toHaveLength(1);
    expect(workspace.messages()[0]).toMatchObject({ blocks: [] });
    expect(workspace.messages()[0]?.seen).toContain('❌ Call failed: no answer');
  });
});

describe('against single answers', () => {
  let stub: StubServer;
  beforeAll(async () => {
    stub = await startStub();
  });
  afterAll(() => stub.close());

  const refusing = (word: string, rest: object = {}) => {
    stub.requests.length = 0;
    stub.answer = (_request, response) => json(response, { ok: false, error: word, ...rest });
  };

  it.each(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'])(
    'puts it more simply after %s, and gives up only when plain text is refused too',
    async (word) => {
      refusing(word);

      expect(await failure(sender.send(outgoingTo(stub.url)))).toMatchObject({
        name: 'PermanentError',
        reason: word,
      });
      const blocks = stub.requests.map(({ body }) =>
        new URLSearchParams(body).get('blocks')?.includes('"header"'),
      );
      expect(blocks).toEqual([true, false, undefined]);
    },
  );

  it.each(['internal_error', 'fatal_error'])(
    'does not know whether %s did anything',
    async (word) => {
      refusing(word);

      expect(await failure(sender.send(outgoingTo(stub.url)))).toMatchObject({
        reason: 'provider_error',
        maybeDone: true,
      });
    },
  );

  it('tries again after a word that it has never met', async () => {
    refusing('planet_misaligned');

    expect(await failure(sender.send(outgoingTo(stub.url)))).toMatchObject({
      name: 'TransientError',
      reason: 'planet_misaligned',
      maybeDone: false,
    });
  });

  it('knows a rate limit that comes as a word', async () => {
    refusing('ratelimited');

    expect(await failure(sender.send(outgoingTo(stub.url)))).toMatchObject({
      reason: 'rate_limited',
    });
  });

  it('believes a 503 that nothing was done', async () => {
    stub.answer = (_request, response) => response.writeHead(503).end();

    expect(await failure(sender.send(outgoingTo(stub.url)))).toMatchObject({ maybeDone: false });
  });

  it('asks Slack to look for neither names nor links in what others wrote', async () => {
    stub.requests.length = 0;
    stub.answer = (_request, response) => json(response, { ok: true, channel: 'C1', ts: '1.2' });

    await sender.send(outgoingTo(stub.url));

    const form = new URLSearchParams(stub.requests[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      channel: '#voice-ops',
      link_names: 'false',
      unfurl_links: 'false',
      unfurl_media: 'false',
      metadata: '{"event_type":"callwire_event","event_payload":{"id":"evt-1"}}',
    });
    expect(stub.requests[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(stub.requests[0]?.body).not.toContain(TOKEN);
  });

  const posted = (id: string) => ({
    ts: '1.5',
    metadata: { event_type: 'callwire_event', event_payload: { id } },
  });
  const paged = (pages: Readonly<Record<string, readonly object[]>>) => {
    stub.requests.length = 0;
    stub.answer = ({ path, body }, response) => {
      const page = Number(new URLSearchParams(body).get('cursor') ?? 0);
      const method = path.slice(path.lastIndexOf('/') + 1);
      const all = pages[method] ?? [];
      const next_cursor = page + 1 < all.length ? String(page + 1) : '';
      json(response, { ok: true, ...all[page], response_metadata: { next_cursor } });
    };
  };
  const since = new Date('2026-11-20T10:00:00.000Z');

  it('reads a channel that is configured by name by its ID, over all pages', async () => {
    paged({
      'conversations.list': [
        { channels: [{ id: 'C1', name: 'general' }] },
        { channels: [{ id: 'C2', name: 'never-posted' }] },
      ],
      'conversations.history': [
        { messages: [{ ts: '1.9' }, { ...posted('evt-1'), metadata: { event_type: 'other' } }] },
        { messages: [posted('evt-0'), posted('evt-1')] },
      ],
    });

    expect(await sender.find?.(outgoingTo(stub.url, { channel: '#never-posted' }), since)).toEqual({
      state: 'arrived',
      receipt: { channel: 'C2', ts: '1.5' },
    });
    const form = new URLSearchParams(stub.requests.at(-1)?.body);
    expect(form.get('channel')).toBe('C2');
    expect(form.get('oldest')).toBe('1795168740.000000');
    expect(form.get('include_all_metadata')).toBe('true');
  });

  it('needs no look-up for a channel that it has posted to by name', async () => {
    stub.answer = (_request, response) => json(response, { ok: true, channel: 'C7', ts: '1.2' });
    const outgoing = outgoingTo(stub.url, { channel: '#posted-before' });
    await sender.send(outgoing);
    paged({ 'conversations.history': [{ messages: [posted('evt-1')] }] });

    expect(await sender.find?.(outgoing, since)).toMatchObject({
      state: 'arrived',
      receipt: { channel: 'C7' },
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('does not know what it may not read, and says which scope is missing', async () => {
    refusing('missing_scope');

    const finding = await sender.find?.(outgoingTo(stub.url, { channel: '#never-posted' }), since);

    expect(finding).toMatchObject({ state: 'unknown', reason: 'missing_scope' });
    expect(JSON.stringify(finding)).toContain('channels:history');
  });

  it('does not read through a whole archive', async () => {
    const page = { messages: [{ ts: '1.1' }] };
    paged({ 'conversations.history': Array.from({ length: 50 }, () => page) });
    const outgoing = outgoingTo(stub.url, { channel: 'C0123456789' });

    expect(await sender.find?.(outgoing, since)).toMatchObject({
      state: 'unknown',
      reason: 'too_much_to_read',
    });
    expect(stub.requests).toHaveLength(10);
  });

  it('asks again later when the channel cannot be read for a while', async () => {
    const outgoing = outgoingTo(stub.url, { channel: 'C0123456789' });
    stub.answer = (_request, response) => response.writeHead(503).end();
    await expect(sender.find?.(outgoing, since)).rejects.toThrow('answered 503');

    stub.answer = (_request, response) => json(response, { ok: true, messages: 'none' });
    await expect(sender.find?.(outgoing, since)).rejects.toMatchObject({ name: 'ContractError' });
  });
});
