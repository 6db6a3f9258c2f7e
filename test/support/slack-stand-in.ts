import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { type Listening, listen } from './listen.ts';

/** What somebody posted. https://docs.slack.dev/reference/methods/chat.postMessage */
export interface Posted {
  readonly channel: string;
  readonly text: string;
  /** Everything that was sent, as text, blocks included. */
  readonly all: string;
}

export interface SlackStandIn extends Listening {
  /** For `baseUrl`. */
  readonly apiUrl: string;
  readonly posted: Posted[];
  /** What every post is refused with, while it is set. */
  refusal: string | undefined;
}

const postSchema = z.looseObject({
  channel: z.string(),
  text: z.string(),
  token: z.string().optional(),
});

/** Slack's `chat.postMessage` and nothing else, from its page; it shares no code with the look-alike. */
export async function startSlackStandIn(token: string): Promise<SlackStandIn> {
  const posted: Posted[] = [];
  const standIn: Pick<SlackStandIn, 'posted' | 'refusal'> = { posted, refusal: undefined };
  const server = createServer((request, response) => {
    const answer = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    void text(request).then((body) => {
      if (request.url !== '/api/chat.postMessage') {
        return answer({ ok: false, error: 'unknown_method' });
      }
      const isForm = request.headers['content-type']?.includes('form-urlencoded') ?? false;
      const fields = postSchema.parse(
        isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body),
      );
      const isAllowed =
        request.headers.authorization === `Bearer ${token}` || (isForm && fields.token === token);
      if (!isAllowed) return answer({ ok: false, error: 'invalid_auth' });
      if (standIn.refusal !== undefined) return answer({ ok: false, error: standIn.refusal });
      posted.push({ channel: fields.channel, text: fields.text, all: JSON.stringify(fields) });
      return answer({ ok: true, channel: 'C0000000001', ts: `${posted.length}.000100` });
    });
  });
  const listening = await listen(server);
  return Object.assign(standIn, listening, { apiUrl: `${listening.url}/api/` });
}
