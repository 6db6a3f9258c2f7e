import { LogLevel, WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { type SlackOptions, startSlack } from '../../../lib/local/simulators/slack.ts';
import { rules } from '../../../lib/local/simulators/slack-rules.ts';

const TOKEN = 'xoxb-test-token';
const OPS = 'C000000OPS';
const CHANNELS = [
  { id: OPS, name: 'voice-ops' },
  { id: 'C0000CALLS', name: 'calls' },
  { id: 'C0000000LD', name: 'old', archived: true },
  { id: 'C0000BOARD', name: 'board', member: false },
  { id: 'C0000SECRET', name: 'secret', private: true },
];

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function setUp(options: Partial<SlackOptions> = {}) {
  const clock = { now: Date.parse('2026-03-01T09:00:00Z') };
  const slack = await startSlack({
    token: TOKEN,
    channels: CHANNELS,
    now: () => clock.now,
    ...options,
  });
  closers.push(slack.close);

  function clientWith(token: string | undefined) {
    return new WebClient(token, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
      logger: quiet,
      timeout: 5000,
    });
  }
  return { clock, slack, client: clientWith(TOKEN), clientWith };
}

const quiet = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

function section(text: string) {
  return { type: 'section' as const, text: { type: 'mrkdwn' as const, text } };
}

/** The error word of an `ok: false`, or the code of another failure. */
async function errorOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'none';
  } catch (error) {
    const { data, code } = error as { data?: { error?: string }; code?: string };
    return data?.error ?? code ?? 'unknown';
  }
}

describe('the Slack look-alike, through the real client', () => {
  it('says who the bot is', async () => {
    const { client } = await setUp();

    expect(await client.auth.test()).toMatchObject({ ok: true, bot_id: 'B0CALLWIRE' });
  });

  it.each([OPS, 'voice-ops', '#voice-ops'])('posts to the channel %s', async (channel) => {
    const { client, clock, slack } = await setUp();
    const metadata = { event_type: 'call_completed', event_payload: { id: 'e1' } };

    const posted = await client.chat.postMessage({
      channel,
      text: 'A call',
      blocks: [section('A *call*')],
      metadata,
    });

    expect(posted).toMatchObject({ ok: true, channel: OPS, message: { text: 'A call', metadata } });
    expect(slack.messages()).toMatchObject([
      { channel: OPS, channelName: 'voice-ops', ts: posted.ts, arrivedAt: clock.now, metadata },
    ]);
    expect(slack.violations()).toEqual([]);
  });

  it('gives every message of a channel its own ts, in order', async () => {
    const { client } = await setUp();

    const stamps = [];
    for (const text of ['a', 'b', 'c']) {
      stamps.push((await client.chat.postMessage({ channel: OPS, text })).ts);
    }

    expect(stamps).toEqual(['1772355600.000000', '1772355600.000001', '1772355600.000002']);
  });

  it('takes JSON as well as forms', async () => {
    const { slack } = await setUp();

    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: `Bearer ${TOKEN}`,
      },
      body: JSON.stringify({ channel: OPS, blocks: [section('hello')] }),
    });

    expect(await response.json()).toMatchObject({ ok: true });
    expect(slack.messages()[0]?.seen).toBe('hello');
  });

  it.each([
    ['application/json', '{', 'invalid_json'],
    ['application/json', '[]', 'json_not_object'],
    ['text/plain', 'hello', 'invalid_post_type'],
    ['application/x-www-form-urlencoded', 'channel=calls&blocks=[', 'invalid_blocks_format'],
    ['application/x-www-form-urlencoded', 'channel=calls&metadata=x', 'invalid_metadata_format'],
    ['application/json', `{"token":"${TOKEN}","channel":"calls"}`, 'no_text'],
  ])('answers a body of %s %s with %s', async (type, body, error) => {
    const { slack } = await setUp();

    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${TOKEN}` },
      body,
    });

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ ok: false, error });
  });

  it('checks the token', async () => {
    const { clientWith } = await setUp();

    expect(await errorOf(clientWith('xoxb-other').auth.test())).toBe('invalid_auth');
    expect(await errorOf(clientWith(undefined).auth.test())).toBe('not_authed');
  });

  it('refuses what cannot be posted', async () => {
    const { client } = await setUp();
    const post = (channel: string, rest: object) =>
      errorOf(client.apiCall('chat.postMessage', { channel, ...rest }));

    expect(await post('#nowhere', { text: 'x' })).toBe('channel_not_found');
    expect(await post('#old', { text: 'x' })).toBe('is_archived');
    expect(await post('#board', { text: 'x' })).toBe('not_in_channel');
    expect(await post(OPS, {})).toBe('no_text');
    expect(await post(OPS, { text: 'x', metadata: { event_type: 'a' } })).toBe(
      'invalid_metadata_schema',
    );
    expect(await errorOf(client.apiCall('chat.postMassage'))).toBe('unknown_method');
  });

  it('cuts text at 40,000 characters', async () => {
    const { client, slack } = await setUp();

    await client.chat.postMessage({ channel: OPS, text: 'a'.repeat(40_001) });

    expect(slack.messages()[0]?.text).toHaveLength(40_000);
  });

  it('updates a message by channel id and ts', async () => {
    const { client, clock, slack } = await setUp();
    const metadata = { event_type: 'call_completed', event_payload: { id: 'e1' } };
    const { ts = '' } = await client.chat.postMessage({ channel: OPS, text: 'old', metadata });
    clock.now += 500;

    await client.chat.update({ channel: OPS, ts, text: 'new' });

    expect(slack.messages()).toMatchObject([
      { ts, seen: 'new', metadata, editedAt: clock.now, arrivedAt: clock.now - 500 },
    ]);
    expect(await errorOf(client.chat.update({ channel: OPS, ts: '1.0', text: 'x' }))).toBe(
      'message_not_found',
    );
    expect(await errorOf(client.chat.update({ channel: '#voice-ops', ts, text: 'x' }))).toBe(
      'channel_not_found',
    );
  });

  it('returns history newest first, a page at a time, with metadata on request', async () => {
    const { client, clock } = await setUp();
    for (const text of ['one', 'two', 'three']) {
      const metadata = { event_type: 'call_failed', event_payload: { text } };
      await client.chat.postMessage({ channel: OPS, text, metadata });
      clock.now += 1000;
    }

    const plain = await client.conversations.history({ channel: OPS, limit: 2 });
    const rest = await client.conversations.history({
      channel: OPS,
      limit: 2,
      cursor: plain.response_metadata?.next_cursor,
      include_all_metadata: true,
    });

    expect(plain.messages?.map(({ text }) => text)).toEqual(['three', 'two']);
    expect(plain.messages?.[0]).not.toHaveProperty('metadata');
    expect(rest.has_more).toBe(false);
    expect(rest.messages).toMatchObject([
      { text: 'one', metadata: { event_payload: { text: 'one' } } },
    ]);
    const oldest = plain.messages?.[1]?.ts;
    const newer = await client.conversations.history({ channel: OPS, oldest });
    expect(newer.messages?.map(({ text }) => text)).toEqual(['three']);
    const from = await client.conversations.history({ channel: OPS, oldest, inclusive: true });
    expect(from.messages?.map(({ text }) => text)).toEqual(['three', 'two']);
  });
});

describe('the list of channels of the Slack look-alike', () => {
  it('has public channels, and private ones with the bot in it when asked', async () => {
    const { client } = await setUp({
      channels: [...CHANNELS, { id: 'C0000HIDDEN', name: 'hidden', private: true, member: false }],
    });
    const names = async (args: object) => {
      const { channels } = await client.conversations.list(args);
      return channels?.map(({ name }) => name);
    };

    expect(await names({})).toEqual(['voice-ops', 'calls', 'old', 'board']);
    expect(await names({ exclude_archived: true })).toEqual(['voice-ops', 'calls', 'board']);
    expect(await names({ types: 'private_channel' })).toEqual(['secret']);
    expect(await names({ types: 'public_channel,private_channel,im' })).toHaveLength(5);
    expect(await client.conversations.list({ types: 'private_channel' })).toMatchObject({
      channels: [{ id: 'C0000SECRET', is_private: true, is_archived: false, is_member: true }],
      response_metadata: { next_cursor: '' },
    });
  });

  it('comes in pages, which archived channels make shorter', async () => {
    const { client } = await setUp();
    const args = { limit: 2, exclude_archived: true };

    const first = await client.conversations.list(args);
    const cursor = first.response_metadata?.next_cursor;
    const second = await client.conversations.list({ ...args, cursor });

    expect(first.channels?.map(({ name }) => name)).toEqual(['voice-ops', 'calls']);
    expect(second.channels?.map(({ name }) => name)).toEqual(['board']);
    expect(second.response_metadata?.next_cursor).toBe('');
  });

  it.each([
    [{ limit: 0 }, 'invalid_limit'],
    [{ limit: 1001 }, 'invalid_limit'],
    [{ limit: 1000 }, 'none'],
    [{ cursor: 'page two' }, 'invalid_cursor'],
    [{ types: 'public_channel,secret' }, 'invalid_types'],
  ])('answers %j with %s', async (args, word) => {
    const { client } = await setUp();

    expect(await errorOf(client.conversations.list(args))).toBe(word);
  });

  it('is limited to tier 2', async () => {
    const { client } = await setUp();

    const answers = [];
    for (let turn = 0; turn < 21; turn += 1) {
      answers.push(await errorOf(client.conversations.list({})));
    }

    expect(answers.filter((word) => word === 'none')).toHaveLength(20);
    expect(answers.at(-1)).toBe('slack_webapi_rate_limited_error');
  });
});

describe('the scopes of the Slack look-alike', () => {
  it.each([
    ['conversations.list', {}, 'channels:read'],
    ['conversations.list', { types: 'private_channel' }, 'groups:read'],
    [
      'conversations.list',
      { types: 'public_channel,private_channel' },
      'channels:read,groups:read',
    ],
    ['conversations.history', { channel: OPS }, 'channels:history'],
    ['conversations.history', { channel: 'C0000SECRET' }, 'groups:history'],
  ])('%s of %j needs %s', async (method, args, needed) => {
    const { client } = await setUp({ scopes: ['chat:write'] });

    const error = await client.apiCall(method, args).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      data: { error: 'missing_scope', needed, provided: 'chat:write' },
    });
  });

  it('are needed for writing too', async () => {
    const { client } = await setUp({ scopes: [] });

    expect(await errorOf(client.chat.postMessage({ channel: OPS, text: 'x' }))).toBe(
      'missing_scope',
    );
  });
});

describe('the block rules of the Slack look-alike', () => {
  const button = (rest: object) => ({
    type: 'button',
    text: { type: 'plain_text', text: 'Open' },
    ...rest,
  });
  const plain = (text: string) => ({ type: 'plain_text', text });

  it.each<[string, object]>([
    ['a section text of 3,001', section('a'.repeat(3001))],
    ['an empty section text', section('')],
    ['a section without text', { type: 'section' }],
    ['eleven fields', { type: 'section', fields: Array(11).fill(plain('x')) }],
    ['a field of 2,001', { type: 'section', fields: [plain('x'.repeat(2001))] }],
    ['a header of 151', { type: 'header', text: plain('x'.repeat(151)) }],
    ['a header of mrkdwn', { type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
    ['eleven context elements', { type: 'context', elements: Array(11).fill(plain('x')) }],
    ['an empty context', { type: 'context', elements: [] }],
    ['a button in a context', { type: 'context', elements: [button({})] }],
    ['26 actions', { type: 'actions', elements: Array(26).fill(button({})) }],
    ['a button url of 3,001', { type: 'actions', elements: [button({ url: longUrl(3001) })] }],
    ['a button url that is none', { type: 'actions', elements: [button({ url: 'call 7' })] }],
    [
      'a button text of 76',
      { type: 'actions', elements: [button({ text: plain('x'.repeat(76)) })] },
    ],
    ['a button style', { type: 'actions', elements: [button({ style: 'green' })] }],
    ['an image without alt_text', { type: 'image', image_url: 'https://example.com/i.png' }],
    ['an unknown block', { type: 'paragraph', text: plain('x') }],
    ['an unknown accessory', { ...section('x'), accessory: { type: 'knob' } }],
    ['an id of 256', { type: 'divider', block_id: 'x'.repeat(256) }],
  ])('refuses %s', async (_what, block) => {
    const { client, slack } = await setUp();

    const error = await client
      .apiCall('chat.postMessage', { channel: OPS, text: 'x', blocks: [block] })
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      data: { error: 'invalid_blocks', errors: [expect.stringContaining('/blocks/0')] },
    });
    expect(slack.messages()).toEqual([]);
    expect(slack.violations()).toMatchObject([{ kind: 'invalid-blocks' }]);
  });

  it.each<[string, object[]]>([
    ['51 blocks', Array(51).fill({ type: 'divider' })],
    [
      'an id that occurs twice',
      [
        { type: 'divider', block_id: 'a' },
        { type: 'divider', block_id: 'a' },
      ],
    ],
    ['12,002 characters of markdown', Array(2).fill({ type: 'markdown', text: 'x'.repeat(6001) })],
    ['what is no object', ['divider' as unknown as object]],
  ])('refuses %s', async (_what, blocks) => {
    const { client } = await setUp();

    const request = client.apiCall('chat.postMessage', { channel: OPS, text: 'x', blocks });

    expect(await errorOf(request)).toBe('invalid_blocks');
  });

  it('refuses more than about 13,200 characters in all, and accepts the greatest of each', async () => {
    const { client } = await setUp();
    const post = (blocks: object[]) =>
      errorOf(client.apiCall('chat.postMessage', { channel: OPS, text: 'x', blocks }));

    expect(await post(Array(5).fill(section('a'.repeat(2700))))).toBe('msg_blocks_too_long');
    expect(
      await post([
        { type: 'header', text: plain('x'.repeat(150)) },
        section('x'.repeat(3000)),
        { type: 'section', fields: Array(4).fill(plain('x'.repeat(2000))) },
        { type: 'context', elements: Array(10).fill(plain('x')) },
        { type: 'actions', elements: [button({ url: longUrl(3000), style: 'danger' })] },
        { type: 'image', image_url: 'https://example.com/i.png', alt_text: 'Graph' },
        { type: 'divider' },
      ]),
    ).toBe('none');
  });
});

function longUrl(length: number): string {
  return 'https://example.com/'.padEnd(length, 'a');
}

describe('what a person sees in the Slack look-alike', () => {
  async function post(message: object) {
    const { client, slack } = await setUp();
    await client.apiCall('chat.postMessage', { channel: OPS, ...message });
    const [posted] = slack.messages();
    return { seen: posted?.seen, mentions: posted?.mentions };
  }

  it('decodes the three entities once, and shows links by their label', async () => {
    const text = 'Tom &amp; Jerry &lt;Ltd&gt; &amp;lt; <https://example.com/?a=1&amp;b=2|call>';

    expect(await post({ text })).toEqual({
      seen: 'Tom & Jerry <Ltd> &lt; call',
      mentions: [],
    });
  });

  it('shows the blocks, in the order of reading, and not the notification', async () => {
    const { seen } = await post({
      text: 'notification',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'Call failed' } },
        { type: 'section', fields: [{ type: 'mrkdwn', text: '*From*\n+1' }, section('To').text] },
        { type: 'context', elements: [{ type: 'mrkdwn', text: 'وكيل الحجز' }] },
      ],
    });

    expect(seen).toBe('Call failed\n*From*\n+1\nTo\nوكيل الحجز');
  });

  it.each(['<!channel>', '<!here>', '<!everyone>', '<@U024BE7LH>', '<!subteam^S1|@ops>'])(
    'notifies for %s unless it is escaped or plain',
    async (token) => {
      const escaped = token.replace('<', '&lt;').replace('>', '&gt;');
      const plainBlock = { type: 'header', text: { type: 'plain_text', text: token } };

      expect((await post({ text: `From ${token}` })).mentions).toEqual([token]);
      expect((await post({ text: 'x', blocks: [section(token)] })).mentions).toEqual([token]);
      expect(await post({ text: escaped })).toEqual({ seen: token, mentions: [] });
      expect(await post({ text: 'x', blocks: [plainBlock] })).toMatchObject({ mentions: [] });
    },
  );

  it('notifies for a bare @here only when asked to look for names', async () => {
    expect((await post({ text: 'hi @here' })).mentions).toEqual([]);
    expect((await post({ text: 'hi @here', link_names: true })).mentions).toEqual(['@here']);
    expect((await post({ text: 'hi @here', parse: 'full' })).mentions).toEqual(['@here']);
  });
});

describe('the limits of the Slack look-alike', () => {
  it('allows a message a second and channel, and a short burst', async () => {
    const { client, clock, slack } = await setUp({ limit: { perSecond: 1, burst: 2 } });
    const post = (channel = OPS) => errorOf(client.chat.postMessage({ channel, text: 'x' }));

    expect([await post(), await post()]).toEqual(['none', 'none']);
    expect(await post()).toBe('slack_webapi_rate_limited_error');
    expect(await post('calls')).toBe('none');
    clock.now += 1000;
    expect(await post()).toBe('none');
    for (let second = 0; second < 5; second += 1) {
      clock.now += 1000;
      expect(await post()).toBe('none');
    }
    expect(slack.violations()).toMatchObject([{ kind: 'rate', channel: OPS }]);
  });

  it('answers 429 with Retry-After in seconds, and notes who does not wait', async () => {
    const { clock, slack } = await setUp({
      faults: { tooManyRequests: { times: 1 }, retryAfterSeconds: 3 },
    });
    const post = () =>
      fetch(`${slack.apiUrl}chat.postMessage`, {
        method: 'POST',
        body: new URLSearchParams({ token: TOKEN, channel: OPS, text: 'x' }),
      });

    const first = await post();
    clock.now += 5;
    await post();
    expect(slack.violations()).toEqual([]);
    clock.now += 1000;
    const early = await post();
    clock.now += 1995;
    const patient = await post();

    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '3']);
    expect(await first.json()).toEqual({ ok: false, error: 'ratelimited' });
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '2']);
    expect(patient.status).toBe(200);
    expect(slack.violations()).toMatchObject([{ kind: 'early-retry', channel: OPS }]);
  });

  it('limits updates and history to tier 3', async () => {
    const { client } = await setUp();
    const read = () => errorOf(client.conversations.history({ channel: OPS }));

    const answers = [];
    for (let turn = 0; turn < 51; turn += 1) answers.push(await read());

    expect(answers.filter((word) => word === 'none')).toHaveLength(50);
    expect(answers.at(-1)).toBe('slack_webapi_rate_limited_error');
  });
});

describe('the faults of the Slack look-alike', () => {
  it('fails before or after the message is there', async () => {
    const { client, slack } = await setUp();
    const post = () => errorOf(client.chat.postMessage({ channel: OPS, text: 'x' }));

    slack.faults.errorBeforeCommit = { times: 1 };
    expect(await post()).toBe('slack_webapi_http_error');
    expect(slack.messages()).toHaveLength(0);

    slack.faults.errorAfterCommit = { times: 1 };
    expect(await post()).toBe('slack_webapi_http_error');
    expect(slack.messages()).toHaveLength(1);

    slack.faults.lostAnswer = { times: 1 };
    expect(await post()).toBe('slack_webapi_request_error');
    expect(slack.messages()).toHaveLength(2);
    expect(await post()).toBe('none');
  });

  it('answers late, and close does not wait for it', async () => {
    const { client, slack } = await setUp({ faults: { slowAnswer: 1, slowAnswerMs: 20 } });

    expect(await errorOf(client.chat.postMessage({ channel: OPS, text: 'x' }))).toBe('none');
    slack.faults.slowAnswerMs = 60_000;
    const waiting = errorOf(client.chat.postMessage({ channel: OPS, text: 'x' }));
    await expect.poll(() => slack.messages()).toHaveLength(2);
    await slack.close();
    closers.length = 0;

    expect(await waiting).toBe('slack_webapi_request_error');
  });

  it('refuses a channel with any error word', async () => {
    const { client, slack } = await setUp({ faults: { refuse: { 'voice-ops': 'fatal_error' } } });

    expect(await errorOf(client.chat.postMessage({ channel: OPS, text: 'x' }))).toBe('fatal_error');
    expect(await errorOf(client.chat.postMessage({ channel: 'calls', text: 'x' }))).toBe('none');
    slack.faults.refuse = {};
    expect(await errorOf(client.chat.postMessage({ channel: OPS, text: 'x' }))).toBe('none');
  });
});

describe('the rules of the Slack look-alike', () => {
  it('name a page of Slack itself for everything they call documented', () => {
    for (const { certainty, source } of rules) {
      if (certainty === 'documented') {
        expect(source).toMatch(/^https:\/\/(docs\.slack\.dev|api\.slack\.com\/changelog)\//);
      }
    }
  });
});

describe('a thread of the Slack look-alike', () => {
  const post = (slack: Awaited<ReturnType<typeof setUp>>, text: string, rest: object = {}) =>
    slack.client.chat.postMessage({ channel: OPS, text, ...rest });

  it('holds the replies, which the channel sees only if they are broadcast', async () => {
    const world = await setUp();
    const { ts = '' } = await post(world, 'parent');
    await post(world, 'quiet', { thread_ts: ts });
    await post(world, 'loud', { thread_ts: ts, reply_broadcast: true });

    const { messages: thread = [] } = await world.client.conversations.replies({
      channel: OPS,
      ts,
    });
    const { messages: channel = [] } = await world.client.conversations.history({ channel: OPS });

    expect(thread.map(({ text }) => text)).toEqual(['parent', 'quiet', 'loud']);
    expect(channel.map(({ text }) => text)).toEqual(['loud', 'parent']);
  });

  it('is read a page at a time, since an instant, with metadata on request', async () => {
    const world = await setUp();
    const { ts = '' } = await post(world, 'parent');
    world.clock.now += 10_000;
    const metadata = { event_type: 'x', event_payload: { ids: 'a b' } };
    await post(world, 'reply', { thread_ts: ts, metadata });
    const ask = (rest: object) => world.client.conversations.replies({ channel: OPS, ts, ...rest });

    expect((await ask({ limit: 1 })).response_metadata?.next_cursor).toBe('1');
    expect((await ask({ cursor: '1' })).messages).toMatchObject([{ text: 'reply' }]);
    const oldest = String(world.clock.now / 1000);
    expect((await ask({ oldest, inclusive: true })).messages).toHaveLength(2);
    expect((await ask({ include_all_metadata: true })).messages?.[1]).toMatchObject({ metadata });
    expect(await errorOf(world.client.conversations.replies({ channel: OPS, ts: '1.0' }))).toBe(
      'thread_not_found',
    );
  });

  it('begins with a message that is there and is no reply itself', async () => {
    const world = await setUp();
    const { ts = '' } = await post(world, 'parent');
    const { ts: reply = '' } = await post(world, 'reply', { thread_ts: ts });

    expect(await errorOf(post(world, 'x', { thread_ts: '1.0' }))).toBe('thread_not_found');
    expect(await errorOf(post(world, 'x', { thread_ts: reply }))).toBe('cannot_reply_to_message');
  });

  it('can be closed to replies, and to tokens of bots', async () => {
    const world = await setUp({ readsThreads: false });
    const { ts = '' } = await post(world, 'parent');
    world.slack.faults.refuseReplies = { [OPS]: 'restricted_action_thread_locked' };

    expect(await errorOf(post(world, 'x', { thread_ts: ts }))).toBe(
      'restricted_action_thread_locked',
    );
    expect(await errorOf(world.client.conversations.replies({ channel: OPS, ts }))).toBe(
      'not_allowed_token_type',
    );
  });
});

describe('an update in the Slack look-alike', () => {
  it('leaves what it does not name', async () => {
    const { client, slack } = await setUp();
    const metadata = { event_type: 'x', event_payload: { id: 'a' } };
    const blocks = [section('block')];
    const { ts = '' } = await client.chat.postMessage({
      channel: OPS,
      text: 'a',
      blocks,
      metadata,
    });

    await client.chat.update({ channel: OPS, ts, text: 'b' });
    expect(slack.messages()[0]).toMatchObject({ text: 'b', blocks, metadata });
    await client.chat.update({ channel: OPS, ts, text: 'c', blocks: [] });
    expect(slack.messages()[0]).toMatchObject({ text: 'c', blocks: [], metadata });
  });

  it('is refused when it is too long, too late, or in an archive', async () => {
    const { client, clock } = await setUp({ editWindowSeconds: 60 });
    const { ts = '' } = await client.chat.postMessage({ channel: OPS, text: 'a' });
    const update = (text: string, channel = OPS) => client.chat.update({ channel, ts, text });

    expect(await errorOf(update('x'.repeat(4_001)))).toBe('msg_too_long');
    expect(await errorOf(update('x', 'C0000000LD'))).toBe('is_inactive');
    clock.now += 61_000;
    expect(await errorOf(update('x'))).toBe('edit_window_closed');
  });
});

describe('metadata in the Slack look-alike', () => {
  it.each([
    [{ ids: ['a', 'b'] }, 'invalid_metadata_schema'],
    [{ id: null }, 'invalid_metadata_schema'],
    [{ ids: 'a '.repeat(5_000) }, 'metadata_too_large'],
    [{ ids: 'a b', count: 2, nested: { a: true }, list: [{ a: 1 }] }, 'none'],
  ])('has values of the documented types only: %.40j', async (event_payload, error) => {
    const { slack } = await setUp();
    const body = { channel: OPS, text: 'x', metadata: { event_type: 'x', event_payload } };

    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(body),
    });

    const said = error === 'none' ? { ok: true } : { ok: false, error };
    expect(await response.json()).toMatchObject(said);
  });
});

describe('an incoming webhook of the Slack look-alike', () => {
  const webhooks = [
    { path: '/services/T0/B0/ops', channel: OPS },
    { path: '/services/T0/B0/old', channel: 'C0000000LD' },
  ];
  const setUpHooks = async () => {
    const world = await setUp({ webhooks, limit: { perSecond: 1, burst: 1 } });
    const send = async (body: string, path = '/services/T0/B0/ops') => {
      const response = await fetch(`${world.slack.url}${path}`, { method: 'POST', body });
      return [response.status, await response.text(), response.headers.get('retry-after')];
    };
    return { ...world, send };
  };

  it('posts to its channel, once a second', async () => {
    const { send, slack, clock } = await setUpHooks();

    expect(await send('{"text":"hello"}')).toEqual([200, 'ok', null]);
    expect(await send('{"text":"hello"}')).toMatchObject([429, expect.anything(), '1']);
    clock.now += 1_000;
    expect(await send('{"text":"again"}')).toEqual([200, 'ok', null]);
    expect(slack.messages().map(({ seen }) => seen)).toEqual(['hello', 'again']);
    expect(slack.violations()).toMatchObject([{ kind: 'rate', method: 'webhook' }]);
  });

  it.each([
    ['{', undefined, 400, 'invalid_payload'],
    ['{}', undefined, 400, 'no_text'],
    ['{"text":"x"}', '/services/T0/B0/old', 410, 'channel_is_archived'],
    ['{"text":"x"}', '/services/T0/B0/gone', 404, 'no_service'],
  ])('answers %s at %s with %d %s', async (body, path, status, word) => {
    const { send } = await setUpHooks();

    expect(await send(body, path)).toEqual([status, word, null]);
  });
});
