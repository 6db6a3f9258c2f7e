import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Chance, strikes } from './faults.ts';
import type { Json } from './json.ts';
import { type Loopback, preciseNow, serveOnLoopback } from './loopback.ts';
import { createRandom } from './random.ts';
import {
  type CustomField,
  createFields,
  type SalesforceObject,
  salesforceObjects,
  type Value,
} from './salesforce-fields.ts';
import { createLogin, type SalesforceApp } from './salesforce-login.ts';
import { createRecords, type Saved, type StoredRecord } from './salesforce-records.ts';
import {
  readSalesforceRequest,
  SalesforceRefusal,
  type SalesforceRequest,
} from './salesforce-request.ts';
import { answerAfterWriting, noWritingFaults, type WritingFaults } from './writing-faults.ts';

/** Those of writing strike writes only, but `tooManyRequests`: it is REQUEST_LIMIT_EXCEEDED, and strikes all. */
export interface SalesforceFaults extends WritingFaults {
  /** UNABLE_TO_LOCK_ROW. Strikes writes only. */
  locked: Chance;
  /** QUERY_TIMEOUT. Strikes queries only. */
  queryTimeout: Chance;
  /** All access tokens are over. */
  sessionEnded: Chance;
}

export interface SalesforceOptions extends SalesforceApp {
  readonly port?: number;
  /** Custom fields that nobody created. */
  readonly lacking?: readonly CustomField[];
  /** Whether a duplicate rule refuses contacts and leads with a number that somebody has. */
  readonly blocksDuplicates?: boolean;
  /** Ids that may own a task. */
  readonly users?: readonly string[];
  /** What the org may still ask today. Default without end. */
  readonly requestsLeft?: number;
  readonly faults?: Partial<SalesforceFaults>;
  readonly seed?: number;
  readonly now?: () => number;
}

export interface SalesforceLookalike extends Loopback {
  readonly faults: SalesforceFaults;
  /** The tasks of the org, in the order of their creation. */
  tasks(): readonly StoredRecord[];
  leads(): readonly StoredRecord[];
  /** As a person adds somebody; a query finds it at once. */
  add(object: 'Contact' | 'Lead', fields: Readonly<Record<string, Value>>): string;
  edit(object: SalesforceObject, id: string, fields: Readonly<Record<string, Value>>): void;
  remove(object: SalesforceObject, id: string): void;
  /** Requests that were answered, as `PATCH sobjects/Task 201`. */
  requests(): readonly string[];
}

/** Starts an org that is as strict as Salesforce's pages (`rules`) and as unreliable as `faults`. */
export async function startSalesforce(options: SalesforceOptions): Promise<SalesforceLookalike> {
  const { port, lacking = [], blocksDuplicates = false, users = [], seed = 1 } = options;
  const { now = preciseNow } = options;
  let requestsLeft = options.requestsLeft ?? Number.POSITIVE_INFINITY;
  const faults: SalesforceFaults = {
    ...noWritingFaults,
    locked: 0,
    queryTimeout: 0,
    sessionEnded: 0,
    ...options.faults,
  };
  const random = createRandom(seed);
  const login = createLogin(options, random, now);
  const records = createRecords(createFields(lacking), users, blocksDuplicates);
  const requests: string[] = [];
  const closing = new AbortController();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now();
    let name = '';
    const reply = (status: number, body: Json | readonly Json[]): void => {
      requests.push(`${name} ${status}`);
      response
        .writeHead(status, { 'content-type': 'application/json;charset=UTF-8' })
        .end(JSON.stringify(body));
    };
    const fail = (status: number): void => {
      requests.push(`${name} ${status}`);
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Sorry</html>');
    };
    try {
      const request = await readSalesforceRequest(incoming);
      name = nameOf(request);
      if (name === 'POST oauth2/token') {
        const { status, body } = login.ask(request.form);
        return reply(status, body);
      }
      admit(request);
      if (request.method === 'GET') return reply(200, query(request));

      if (strikes(faults.locked, random)) {
        const message = 'unable to obtain exclusive access to this record or 1 records';
        throw new SalesforceRefusal(400, 'UNABLE_TO_LOCK_ROW', message);
      }
      if (strikes(faults.errorBeforeCommit, random)) return fail(503);
      const { status, body } = upsert(request, at);
      const given = await answerAfterWriting(faults, random, closing.signal);
      if (given === 'error') return fail(500);
      if (given === 'success') return reply(status, body);
      requests.push(`${name} lost`);
      response.destroy();
    } catch (error) {
      if (!(error instanceof SalesforceRefusal)) throw error;
      const { status, errorCode, message, members } = error;
      reply(status, [{ message, errorCode, ...members }]);
    }
  }

  function admit({ token }: SalesforceRequest): void {
    if (strikes(faults.sessionEnded, random)) login.endAll();
    if (!login.accepts(token)) {
      throw new SalesforceRefusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    }
    requestsLeft -= 1;
    if (requestsLeft < 0 || strikes(faults.tooManyRequests, random)) {
      const message = 'TotalRequests Limit exceeded.';
      throw new SalesforceRefusal(403, 'REQUEST_LIMIT_EXCEEDED', message);
    }
  }

  function query({ path: [, , resource, ...rest], query: parameters }: SalesforceRequest): Json {
    if (resource !== 'query' || rest.length > 0) throw notFound();
    if (strikes(faults.queryTimeout, random)) {
      throw new SalesforceRefusal(400, 'QUERY_TIMEOUT', 'Your query request was running too long.');
    }
    return records.query(parameters.get('q') ?? '');
  }

  function upsert({ method, path, body }: SalesforceRequest, at: number): Saved {
    const [, , resource, kind = '', field = '', id = '', ...rest] = path;
    const object = salesforceObjects.find((each) => each === kind);
    const isUpsert = method === 'PATCH' && resource === 'sobjects' && id !== '';
    if (!isUpsert || object === undefined || rest.length > 0) throw notFound();
    return records.upsert(object, field, id, body, at);
  }

  const server = await serveOnLoopback(handle, port);
  return {
    ...server,
    faults,
    tasks: () => records.all('Task'),
    leads: () => records.all('Lead'),
    add: (object, fields) =>
      records.insert(object, { LastName: 'Somebody', Company: 'Some company', ...fields }, now())
        .id,
    edit: (object, id, fields) => records.edit(object, id, fields),
    remove: (object, id) => records.remove(object, id),
    requests: () => [...requests],
    async close() {
      closing.abort();
      await server.close();
    },
  };
}

const notFound = () =>
  new SalesforceRefusal(404, 'NOT_FOUND', 'The requested resource does not exist');

/** Without version, ids and queries. */
const nameOf = ({ method, path, query }: SalesforceRequest): string => {
  const [family, second, third, kind] = path;
  if (family === 'oauth2') return `${method} oauth2/${second}`;
  const from = /\bFROM (\w+)/.exec(query.get('q') ?? '')?.[1];
  return `${method} ${third}/${from ?? kind}`;
};
