import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Chance, strikes } from './faults.ts';
import { createObjects, type HubSpotRecord } from './hubspot-objects.ts';
import { createSchema, type HubSpotObjectType, objectTypes } from './hubspot-properties.ts';
import {
  HubSpotRefusal,
  type HubSpotRequest,
  notFound,
  readHubSpotRequest,
} from './hubspot-request.ts';
import { searchRecords } from './hubspot-search.ts';
import type { Json } from './json.ts';
import { type Loopback, preciseNow, serveOnLoopback } from './loopback.ts';
import { createRandom } from './random.ts';
import { createRateLimiter, type RateLimit } from './slack-rate.ts';
import { answerAfterWriting, noWritingFaults, type WritingFaults } from './writing-faults.ts';

/** Those of writing strike writes only; `tooManyRequests` is of the ten-second limit, and strikes all. */
export interface HubSpotFaults extends WritingFaults {
  /** 423: other writes hold a lock. Strikes writes only. */
  locked: Chance;
}

/** Something that HubSpot would hold against an app. */
export interface HubSpotViolation {
  readonly kind: 'rate';
  /** Method and path, without ids. */
  readonly request: string;
  readonly at: number;
  readonly detail: string;
}

export const hubspotScopes = [
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.schemas.contacts.write',
] as const;
export type HubSpotScope = (typeof hubspotScopes)[number];

export interface HubSpotLookalike extends Loopback {
  readonly faults: HubSpotFaults;
  /** The calls of the account, in the order of their creation. */
  records(): readonly HubSpotRecord[];
  contacts(): readonly HubSpotRecord[];
  /** As a person adds it in HubSpot; search finds it at once. */
  addContact(properties: Readonly<Record<string, string>>): string;
  /** As a person deletes it in HubSpot. */
  removeContact(id: string): void;
  /** As a person deletes it in HubSpot. */
  removeCall(id: string): void;
  /** As a person edits a call in HubSpot. */
  editCall(id: string, properties: Readonly<Record<string, string>>): void;
  /** As a person ties a call to somebody else. */
  reassociate(call: string, contact: string): void;
  violations(): readonly HubSpotViolation[];
  /** Requests that were answered, as `POST v3/objects/calls/batch/upsert 200`. */
  requests(): readonly string[];
}

export interface HubSpotOptions {
  readonly port?: number;
  readonly token: string;
  /** What the token may do. Default everything. */
  readonly scopes?: readonly HubSpotScope[];
  readonly contacts?: readonly Readonly<Record<string, string>>[];
  readonly faults?: Partial<HubSpotFaults>;
  /** How long search does not find what is new. Default 2 s. */
  readonly indexLagMs?: number;
  /** All requests. Default 100 in ten seconds. */
  readonly limit?: RateLimit;
  /** Searches. Default five a second. */
  readonly searchLimit?: RateLimit;
  readonly seed?: number;
  readonly now?: () => number;
}

// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
const LIMIT: RateLimit = { perSecond: 10, burst: 100 };
const SEARCH_LIMIT: RateLimit = { perSecond: 5, burst: 5 };

interface Operation {
  readonly scope: HubSpotScope;
  readonly isWrite: boolean;
  readonly isSearch?: boolean;
  readonly status?: number;
  run(at: number): Json;
}

/** Starts an account that is as strict as HubSpot's pages (`rules`) and as unreliable as `faults`. */
export async function startHubSpot({
  port,
  token,
  scopes = hubspotScopes,
  contacts = [],
  faults: given,
  indexLagMs = 2_000,
  limit = LIMIT,
  searchLimit = SEARCH_LIMIT,
  seed = 1,
  now = preciseNow,
}: HubSpotOptions): Promise<HubSpotLookalike> {
  const faults: HubSpotFaults = {
    ...noWritingFaults,
    locked: 0,
    ...given,
  };
  const random = createRandom(seed);
  const schema = createSchema();
  const objects = createObjects(schema);
  const limiter = createRateLimiter();
  const violations: HubSpotViolation[] = [];
  const requests: string[] = [];
  const closing = new AbortController();

  function addContact(properties: Readonly<Record<string, string>>): string {
    const named = { firstname: 'Somebody', ...properties };
    return String(objects.create('contacts', { properties: named }, now() - indexLagMs - 1).id);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    let name = '';
    const reply = (status: number, body: Json): void => {
      requests.push(`${name} ${status}`);
      response
        .writeHead(status, { 'content-type': 'application/json;charset=utf-8' })
        .end(JSON.stringify(body));
    };
    try {
      const call = await readHubSpotRequest(request);
      name = nameOf(call);
      if (call.token !== token) {
        const message = 'Authentication credentials not found or not valid';
        throw new HubSpotRefusal(401, 'INVALID_AUTHENTICATION', message);
      }
      const operation = operationOf(call);
      requireScope(operation.scope);
      checkRates(operation, name, at);
      if (operation.isWrite && strikes(faults.locked, random)) {
        throw new HubSpotRefusal(423, 'LOCKED', 'The resource is locked');
      }
      if (operation.isWrite && strikes(faults.errorBeforeCommit, random)) {
        requests.push(`${name} 503`);
        response.writeHead(503).end('Service Unavailable');
        return;
      }
      const body = operation.run(at);
      const given = operation.isWrite
        ? await answerAfterWriting(faults, random, closing.signal)
        : 'success';
      if (given === 'none') {
        requests.push(`${name} lost`);
        response.destroy();
        return;
      }
      if (given === 'error') {
        requests.push(`${name} 502`);
        response.writeHead(502).end('Bad Gateway');
        return;
      }
      reply(operation.status ?? 200, body);
    } catch (error) {
      if (!(error instanceof HubSpotRefusal)) throw error;
      const { status, category, message, members } = error;
      const correlationId = random.uuid();
      reply(status, { status: 'error', message, correlationId, category, ...members });
    }
  }

  function operationOf({ method, path, query, body }: HubSpotRequest): Operation {
    const read = { scope: 'crm.objects.contacts.read', isWrite: false } as const;
    const write = { scope: 'crm.objects.contacts.write', isWrite: true } as const;
    const [version, family = '', kind = '', first = '', ...rest] = path;
    const type = objectTypes.find((each) => each === kind);
    if (type === undefined) throw notFound();
    const route = `${method} ${version}/${family}`;

    if (route === 'GET v3/objects' && first !== '' && rest.length === 0) {
      return { ...read, run: () => objects.read(type, first, query) };
    }
    if (route === 'POST v3/objects' && first === '') {
      return { ...write, status: 201, run: (at) => objects.create(type, body, at) };
    }
    if (route === 'POST v3/objects' && first === 'batch' && rest[0] === 'upsert') {
      return { ...write, run: (at) => objects.upsert(type, body, at) };
    }
    if (route === 'POST v3/objects' && first === 'search') {
      return { ...read, isSearch: true, run: (at) => search(type, body, at) };
    }
    if (
      route === 'PUT v4/objects' &&
      rest.slice(0, 3).join('/') === 'associations/default/contacts'
    ) {
      return { ...write, run: () => objects.associate(first, rest[3] ?? '') };
    }
    if (route === 'GET v3/properties' && rest.length === 0) {
      return { ...read, run: () => schema.read(type, first) };
    }
    const define = { scope: 'crm.schemas.contacts.write', isWrite: true, status: 201 } as const;
    if (route === 'POST v3/properties' && first === 'groups') {
      return { ...define, run: () => schema.createGroup(type, body) };
    }
    if (route === 'POST v3/properties' && first === '') {
      return { ...define, run: (at) => schema.create(type, body, at) };
    }
    throw notFound();
  }

  const search = (type: HubSpotObjectType, body: Json, at: number): Json => {
    const indexed = objects.all(type).filter(({ updatedAt }) => updatedAt + indexLagMs <= at);
    return searchRecords(indexed, type, schema, body);
  };

  function requireScope(scope: HubSpotScope): void {
    if (scopes.includes(scope)) return;
    const message = "This app hasn't been granted all required scopes to make this call.";
    const context = { requiredGranularScopes: [scope] };
    const errors = [{ message: 'One or more of the following scopes are required.', context }];
    throw new HubSpotRefusal(403, 'MISSING_SCOPES', message, { errors });
  }

  function checkRates({ isSearch = false }: Operation, request: string, at: number): void {
    if (strikes(faults.tooManyRequests, random)) throw tooMany('TEN_SECONDLY_ROLLING');
    const limits: [string, RateLimit, string][] = [
      ['all', limit, 'TEN_SECONDLY_ROLLING'],
      ...(isSearch
        ? [['search', searchLimit, 'SECONDLY'] satisfies [string, RateLimit, string]]
        : []),
    ];
    for (const [key, allowance, policy] of limits) {
      const decision = limiter.ask(key, allowance, at);
      if (decision.isAllowed) continue;
      if (decision.breach !== undefined) {
        violations.push({ kind: 'rate', request, at, detail: policy });
      }
      throw tooMany(policy);
    }
  }

  for (const contact of contacts) addContact(contact);
  const server = await serveOnLoopback(handle, port);
  return {
    ...server,
    faults,
    records: () => objects.all('calls'),
    contacts: () => objects.all('contacts'),
    addContact,
    removeContact: (id) => objects.remove('contacts', id),
    removeCall: (id) => objects.remove('calls', id),
    editCall: (id, properties) => objects.edit('calls', id, properties),
    reassociate: (call, contact) => objects.reassociate(call, contact),
    violations: () => [...violations],
    requests: () => [...requests],
    async close() {
      closing.abort();
      await server.close();
    },
  };
}

function tooMany(policyName: string): HubSpotRefusal {
  const message = `You have reached your ${policyName.toLowerCase()} limit.`;
  return new HubSpotRefusal(429, 'RATE_LIMITS', message, { errorType: 'RATE_LIMIT', policyName });
}

const nameOf = ({ method, path }: HubSpotRequest): string =>
  `${method} ${path.map((part) => (/^[a-z][a-z_]*$|^v\d$/.test(part) ? part : '…')).join('/')}`;
