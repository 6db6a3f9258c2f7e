import type { IncomingMessage } from 'node:http';
import { isObject, type Json, parseJson } from './json.ts';
import { readBody } from './loopback.ts';

/** A refusal as Salesforce answers it: a status and a list of one error. */
export class SalesforceRefusal extends Error {
  override readonly name = 'SalesforceRefusal';
  readonly status: number;
  readonly errorCode: string;
  /** Further members of the error. */
  readonly members: Json;

  constructor(status: number, errorCode: string, message: string, members: Json = {}) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.members = members;
  }
}

export const refused = (errorCode: string, message: string, ...fields: string[]) =>
  new SalesforceRefusal(400, errorCode, message, { fields });

export interface SalesforceRequest {
  readonly method: string;
  /** The decoded parts of the path after `/services`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly form: URLSearchParams;
  readonly token: string | undefined;
}

/** @throws SalesforceRefusal 400 when there is a body that is neither a JSON object nor a form. */
export async function readSalesforceRequest(request: IncomingMessage): Promise<SalesforceRequest> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const text = await readBody(request);
  const type = request.headers['content-type'] ?? '';
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  const body = text === '' || isForm ? {} : parseJson(text);
  if (!isObject(body) || (text !== '' && !isForm && !type.startsWith('application/json'))) {
    throw refused('JSON_PARSER_ERROR', 'The HTTP entity body could not be read');
  }
  return {
    method: request.method ?? '',
    path: url.pathname
      .replace(/^\/services\//, '')
      .split('/')
      .map(decodeURIComponent),
    query: url.searchParams,
    body,
    form: new URLSearchParams(isForm ? text : ''),
    token: request.headers.authorization?.match(/^Bearer (.+)$/)?.[1],
  };
}
