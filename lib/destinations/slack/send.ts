import * as z from 'zod';
import type { IncidentOutgoing, Outgoing, Receipt, Sender, Target } from '../destination.ts';
import { renderReply, renderStanding } from './incident-message.ts';
import { postToWebhook } from './incoming-webhook.ts';
import { type SlackSettings, slack } from './index.ts';
import { type Ladder, type Message, renderMessages } from './message.ts';
import { metadataOf } from './metadata.ts';
import { probe } from './probe.ts';
import { find, rememberChannel } from './read-back.ts';
import { read, request, unreadable, withinLimits } from './web-api.ts';

const postedSchema = z.object({ channel: z.string(), ts: z.string() });

/** What others wrote is shown, neither looked through for names and links nor obeyed. */
const AS_IT_IS = { link_names: false, unfurl_links: false, unfurl_media: false };

type Addressed = Readonly<Record<string, unknown>>;

async function post(
  target: Target<SlackSettings>,
  ladder: Ladder,
  addressed: Addressed,
): Promise<Receipt> {
  if (target.settings.url !== undefined) {
    await withinLimits(ladder, (message) => postToWebhook(target.secrets.url ?? '', message));
    return { answer: 'ok' };
  }
  const posted = await withinLimits(ladder, async (message: Message) => {
    const body = { channel: target.settings.channel, ...message, ...AS_IT_IS, ...addressed };
    const answer = await request(target, 'chat.postMessage', body);
    const { success, data } = postedSchema.safeParse(answer);
    if (!success) throw unreadable('chat.postMessage');
    return data;
  });
  rememberChannel(target, posted.channel);
  return posted;
}

function send(outgoing: Outgoing<SlackSettings>): Promise<Receipt> {
  const { event, settings } = outgoing;
  const metadata = metadataOf(event);
  return post(outgoing, renderMessages(event, settings.numbers), { metadata });
}

/** Under the incident's first message; where a webhook knows of none, as a message of its own. */
function reply(outgoing: IncidentOutgoing<SlackSettings>): Promise<Receipt> {
  const { event, events, standing, parent, broadcast, settings } = outgoing;
  const metadata = metadataOf(event, events);
  const thread = { channel: parent.channel, thread_ts: parent.ts, reply_broadcast: broadcast };
  return post(outgoing, renderReply(events, standing, settings.numbers), { metadata, ...thread });
}

/** Its metadata stays as it was: it is not sent again. */
async function amend(outgoing: IncidentOutgoing<SlackSettings>): Promise<void> {
  const { standing, parent, settings } = outgoing;
  await withinLimits(renderStanding(standing, settings.numbers), async (message) => {
    const { text, blocks = [] } = message;
    const place = { channel: parent.channel, ts: parent.ts };
    const body = { ...place, text, blocks, link_names: false };
    read(
      z.object({ ok: z.literal(true) }),
      await request(outgoing, 'chat.update', body),
      'chat.update',
    );
  });
}

const TEST = { text: 'A test of Callwire. Nothing happened, and nothing has to be done.' };

async function sendTest(target: Target<SlackSettings>): Promise<void> {
  await post(target, [TEST, TEST, TEST], {});
}

/** Posts as a bot, with `chat.postMessage`, or to an incoming webhook. */
export const sender: Sender<SlackSettings> = {
  definition: slack,
  send,
  find,
  probe,
  sendTest,
  incidents: { reply, amend },
};
