import type { IncomingMessage } from 'node:http';
import { isObject, type Json, parseJson } from './json.ts';
import { readBody } from './loopback.ts';

/** A refusal as HubSpot answers it: a status and a body with a category. */
export class HubSpotRefusal extends Error {
  override readonly name = 'HubSpotRefusal';
  readonly status: number;
  readonly category: string;
  /** Further members of the answer. */
  readonly members: Json;

  constructor(status: number, category: string, message: string, members: Json = {}) {
    super(message);
    this.status = status;
    this.category = category;
    this.members = members;
  }
}

export interface HubSpotRequest {
  /** E.g. `POST`. */
  readonly method: string;
  /** The decoded parts of the path after `/crm`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly token: string | undefined;
}

/** @throws HubSpotRefusal 400 when there is a body that is no JSON object. */
export async function readHubSpotRequest(request: IncomingMessage): Promise<HubSpotRequest> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const text = await readBody(request);
  const body = text === '' ? {} : parseJson(text);
  const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
  if (!isObject(body) || (text !== '' && !isJson)) throw invalid('Invalid input JSON');
  return {
    method: request.method ?? '',
    path: url.pathname
      .replace(/^\/crm\//, '')
      .split('/')
      .map(decodeURIComponent),
    query: url.searchParams,
    body,
    token: request.headers.authorization?.match(/^Bearer (.+)$/)?.[1],
  };
}

export const invalid = (message: string): HubSpotRefusal =>
  new HubSpotRefusal(400, 'VALIDATION_ERROR', message);

export const notFound = (message = 'resource not found'): HubSpotRefusal =>
  new HubSpotRefusal(404, 'OBJECT_NOT_FOUND', message);

/** A member of a body that has to be a text. */
export function textOf(body: Json, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw invalid(`${name} must be given`);
  return value;
}
