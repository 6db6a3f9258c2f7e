import type { IncomingMessage } from 'node:http';
import { isObject, type Json, parseJson } from './json.ts';
import { readBody } from './loopback.ts';

/** A refusal as Slack answers it: HTTP 200, `ok: false` and this. */
export class SlackRefusal extends Error {
  override readonly name = 'SlackRefusal';
  /** Further members of the answer. */
  readonly members: Json;

  constructor(error: string, members: Json = {}) {
    super(error);
    this.members = members;
  }
}

/** A request to a method of the Web API. */
export interface SlackRequest {
  /** E.g. `chat.postMessage`. */
  readonly method: string;
  readonly args: Json;
  readonly token: string | undefined;
}

// Arguments that travel as JSON inside a form, and what Slack says when they cannot be read.
const JSON_ARGUMENTS: Readonly<Record<string, string>> = {
  blocks: 'invalid_blocks_format',
  attachments: 'invalid_attachments',
  metadata: 'invalid_metadata_format',
};

/**
 * Reads a form or a JSON body (https://docs.slack.dev/apis/web-api, "POST bodies").
 * @throws SlackRefusal when it is neither.
 */
export async function readSlackRequest(request: IncomingMessage): Promise<SlackRequest> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const method = url.pathname.replace(/^\/api\//, '');
  const [contentType = ''] = (request.headers['content-type'] ?? '').split(';');
  const body = await readBody(request);
  const header = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];

  if (contentType.trim() === 'application/json') {
    const args = parseJson(body);
    if (args === undefined) throw new SlackRefusal('invalid_json');
    if (!isObject(args)) throw new SlackRefusal('json_not_object');
    // A token inside a JSON body is not looked at.
    return { method, args, token: header };
  }
  if (body !== '' && contentType.trim() !== 'application/x-www-form-urlencoded') {
    throw new SlackRefusal('invalid_post_type');
  }
  const { token, ...args } = Object.fromEntries([
    ...url.searchParams,
    ...new URLSearchParams(body),
  ]);
  return { method, args: parseJsonArguments(args), token: header ?? token };
}

function parseJsonArguments(args: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(
    Object.entries(args).map(([name, text]) => {
      const error = JSON_ARGUMENTS[name];
      if (error === undefined || text === '') return [name, text];
      const value = parseJson(text);
      if (value === undefined) throw new SlackRefusal(error);
      return [name, value];
    }),
  );
}
