import { wrapHttpLibrary as wrapAssociations } from '@hubspot/api-client/lib/codegen/crm/associations/v4/http/http.js';
import { ServerConfiguration as AssociationsServer } from '@hubspot/api-client/lib/codegen/crm/associations/v4/servers.js';
import { PromiseBasicApi as AssociationsApi } from '@hubspot/api-client/lib/codegen/crm/associations/v4/types/PromiseAPI.js';
import {
  ResponseContext,
  wrapHttpLibrary as wrapObjects,
} from '@hubspot/api-client/lib/codegen/crm/objects/http/http.js';
import { ServerConfiguration as ObjectsServer } from '@hubspot/api-client/lib/codegen/crm/objects/servers.js';
import {
  PromiseBasicApi as ObjectsApi,
  PromiseBatchApi as ObjectsBatchApi,
  PromiseSearchApi as ObjectsSearchApi,
} from '@hubspot/api-client/lib/codegen/crm/objects/types/PromiseAPI.js';
import { wrapHttpLibrary as wrapProperties } from '@hubspot/api-client/lib/codegen/crm/properties/http/http.js';
import { ServerConfiguration as PropertiesServer } from '@hubspot/api-client/lib/codegen/crm/properties/servers.js';
import {
  PromiseCoreApi as PropertiesApi,
  PromiseGroupsApi as PropertyGroupsApi,
} from '@hubspot/api-client/lib/codegen/crm/properties/types/PromiseAPI.js';
import type * as z from 'zod';
import { isOtherSide, PermanentError, TransientError } from '../../errors.ts';
import { neverSent } from '../../http.ts';
import { meaningOf, type Refusal } from './refusals.ts';

/** The parts of HubSpot's own client that are used; its main module would make the function 5 MB. */
export interface Apis {
  readonly objects: ObjectsApi;
  readonly batches: ObjectsBatchApi;
  readonly searches: ObjectsSearchApi;
  readonly associations: AssociationsApi;
  readonly properties: PropertiesApi;
  readonly propertyGroups: PropertyGroupsApi;
}

export interface Connection {
  /**
   * Makes one request and tries nothing again.
   *
   * @param place what is asked, for the error's message
   * @param sent names of the properties in it
   */
  ask<T>(
    place: string,
    request: (apis: Apis) => Promise<unknown>,
    answer: z.ZodType<T>,
    sent?: readonly string[],
  ): Promise<T>;
}

/** What all three APIs' request types have in common; each has a class of its own for it. */
interface VendorRequest {
  getUrl(): string;
  getHttpMethod(): string;
  getHeaders(): Record<string, string>;
  getBody(): unknown;
}

/** Raised inside this file only: what it means depends on what was asked. */
class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super('Refused');
    this.refusal = refusal;
  }
}

/** @throws PermanentError without the runtime's own words: they quote the value. */
function headersWith(token: string, given: Record<string, string>): Headers {
  try {
    return new Headers({ ...given, authorization: `Bearer ${token}` });
  } catch {
    throw new PermanentError(
      'key_malformed',
      'Replace the token: it holds a character that no header may hold.',
      { scope: 'destination' },
    );
  }
}

/** HubSpot's API with one account's token, until `signal` ends. */
export function connect(baseUrl: string, token: string, signal: AbortSignal): Connection {
  const server = baseUrl.replace(/\/+$/, '');

  /** In the place of the client's own transport, which follows redirects and waits for ever. */
  const transport = {
    async send(request: VendorRequest): Promise<ResponseContext> {
      const body = request.getBody();
      const response = await fetch(request.getUrl(), {
        method: request.getHttpMethod(),
        headers: headersWith(token, request.getHeaders()),
        ...(typeof body === 'string' ? { body } : {}),
        // Not followed: the token must not go to another host.
        redirect: 'manual',
        signal,
      });
      const { status, headers } = response;
      const text = await response.text();
      if (!response.ok) throw new RefusedError({ status, headers, body: text });
      return new ResponseContext(status, Object.fromEntries(headers), {
        text: async () => text,
        binary: async () => Buffer.from(text),
      });
    },
  };
  const common = { middleware: [], authMethods: {} };
  const objects = {
    ...common,
    baseServer: new ObjectsServer(server, {}),
    httpApi: wrapObjects(transport),
  };
  const properties = {
    ...common,
    baseServer: new PropertiesServer(server, {}),
    httpApi: wrapProperties(transport),
  };
  const apis: Apis = {
    objects: new ObjectsApi(objects),
    batches: new ObjectsBatchApi(objects),
    searches: new ObjectsSearchApi(objects),
    associations: new AssociationsApi({
      ...common,
      baseServer: new AssociationsServer(server, {}),
      httpApi: wrapAssociations(transport),
    }),
    properties: new PropertiesApi(properties),
    propertyGroups: new PropertyGroupsApi(properties),
  };

  return {
    async ask(place, request, answer, sent = []) {
      let answered: unknown;
      try {
        answered = await request(apis);
      } catch (error) {
        if (error instanceof RefusedError) throw meaningOf(place, error.refusal, sent);
        if (isOtherSide(error)) throw error;
        // A socket that broke, or the client could not read the answer; its words may quote it.
        const message = `${place} got no answer that can be read`;
        throw new TransientError(message, { maybeDone: !neverSent(error) });
      }
      const { success, data } = answer.safeParse(answered);
      if (success) return data;
      throw new TransientError(`${place} was answered with something unreadable`, {
        reason: 'unreadable_answer',
        maybeDone: true,
      });
    },
  };
}
