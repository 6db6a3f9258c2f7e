import { PassThrough } from 'node:stream';
import { Transport } from 'jsforce/lib/transport.js';
import type { HttpRequest, HttpResponse } from 'jsforce/lib/types/common.js';
import { StreamPromise } from 'jsforce/lib/util/promise.js';
import { PermanentError } from '../../errors.ts';
import type { Refusal } from './refusals.ts';

/** Raised inside this folder only: what it means depends on what was asked. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super('Refused');
    this.refusal = refusal;
  }
}

/** @throws PermanentError without the runtime's own words: they quote the value. */
function headersOf(given: Record<string, string>): Headers {
  try {
    return new Headers(given);
  } catch {
    throw new PermanentError(
      'key_malformed',
      'Salesforce gave Callwire an access token that no header may hold: check the url of this destination.',
    );
  }
}

/**
 * In the place of jsforce's own transport, which follows redirects, tries again by itself and waits for
 * half an hour.
 */
export class PlainTransport extends Transport {
  readonly #signal: AbortSignal;

  /** @param signal ends every request */
  constructor(signal: AbortSignal) {
    super();
    this.#signal = signal;
  }

  override httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    const promise = this.#send(request);
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise }));
  }

  /** @throws RefusedError for whatever is no success */
  async #send({ url, method, headers = {}, body }: HttpRequest): Promise<HttpResponse> {
    const response = await fetch(url, {
      method,
      headers: headersOf(headers),
      ...(typeof body === 'string' ? { body } : {}),
      // Not followed: the token must not go to another host.
      redirect: 'manual',
      signal: this.#signal,
    });
    const text = await response.text();
    const { status } = response;
    if (!response.ok) throw new RefusedError({ status, headers: response.headers, body: text });
    return { statusCode: status, headers: Object.fromEntries(response.headers), body: text };
  }
}
