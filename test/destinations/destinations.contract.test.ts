import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withholdable } from '../../lib/calls/withhold.ts';
import type { DestinationSettings } from '../../lib/config/settings.ts';
import { watchBreakers } from '../../lib/delivery/breaker-book.ts';
import { deliver } from '../../lib/delivery/deliver.ts';
import type { Outgoing, Sender } from '../../lib/destinations/destination.ts';
import { destinations } from '../../lib/destinations/index.ts';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import { failedCall } from '../delivery/events.ts';
import {
  memoryBreakers,
  memoryDeliveries,
  memoryIncidents,
  memoryPaceBook,
} from '../support/memory-deliveries.ts';
import type { Sample } from './sample.ts';
import { json, type StubServer, startStub } from './stub-server.ts';

const PRIVATE = '+966501234567';

/** A module that is named at run time has no type: every file in `samples` exports its kind's. */
const sampleOf = async (kind: string): Promise<Sample> =>
  ((await import(`./samples/${kind}.ts`)) as { sample: Sample }).sample;
const kinds = await Promise.all(
  destinations.map(async (each) => [each.kind, each, await sampleOf(each.kind)] as const),
);

it('knows every folder of destinations, and each kind once', () => {
  const root = new URL('../../lib/destinations/', import.meta.url);
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  expect(destinations.map(({ kind }) => kind).sort()).toEqual(folders.sort());
});

describe.each(kinds)('%s', (kind, definition, sample) => {
  let stub: StubServer;
  let sender: Sender;
  const SECRET = sample.secret ?? 'xoxb-do-not-leak-0123456789';

  beforeAll(async () => {
    stub = await startStub();
    if (sample.login !== undefined) stub.always.set(...sample.login);
    // A module that is named at run time has no type; every send.ts exports its sender.
    const module = (await import(`../../lib/destinations/${kind}/send.ts`)) as { sender: Sender };
    sender = module.sender;
  });
  afterAll(() => stub.close());

  const settingsAt = (baseUrl: string) =>
    definition.settings.parse({ ...sample.settings, baseUrl });
  const outgoing = (baseUrl = `${stub.url}/api/`): Outgoing => ({
    event: failedCall(),
    settings: settingsAt(baseUrl),
    secrets: Object.fromEntries(definition.secrets.map((name) => [name, SECRET])),
  });
  const failure = async (baseUrl?: string): Promise<unknown> =>
    sender.send(outgoing(baseUrl)).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('is listed with the definition that it sends with', () => {
    expect(sender.definition).toBe(definition);
    const looksBack = sender.find !== undefined || sender.readBack !== undefined;
    if (definition.replay === 'read-back') expect(looksBack).toBe(true);
    // People must not be alerted again, and a system that sends what it has not got knows the id.
    if (definition.audience === 'people') expect(definition.replay).toBe('skip');
    expect(definition.docs).toMatch(/^https:\/\//);
  });

  it('never takes a secret itself in its settings, only a reference', () => {
    for (const name of definition.secrets) {
      const parsed = definition.settings.safeParse({ ...sample.settings, [name]: SECRET });
      expect(parsed.success).toBe(false);
      expect(inspect(parsed.error, { depth: 9 })).not.toContain(SECRET);
    }
  });

  it('refuses settings that it does not know', () => {
    expect(definition.settings.safeParse({ ...sample.settings, chanel: 'x' }).success).toBe(false);
  });

  it('gives a receipt for what was accepted', async () => {
    stub.answer = (_request, response) => json(response, sample.accepted);

    expect(Object.keys(await sender.send(outgoing()))).not.toEqual([]);
  });

  it('begins with what its receiver tells repeats by, and tries nothing again by itself', async () => {
    stub.requests.length = 0;
    stub.answer = (_request, response) => json(response, {}, 500);

    await failure();

    expect(stub.requests).toHaveLength(1);
    const [request] = stub.requests;
    const carried = decodeURIComponent(`${request?.path} ${request?.body}`);
    expect(carried).toContain(sample.identity ?? failedCall().id);
  });

  // 407 is between a client and its proxy; `fetch` makes a network error of it.
  const statuses = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
    (status) => status !== 407,
  );

  it('tells statuses that may pass from those that a person has to end', async () => {
    for (const status of statuses) {
      stub.answer = (_request, response) => json(response, { message: PRIVATE }, status);
      const passing = [408, 425, 429, ...(sample.transient ?? [])];
      const transient = status >= 500 || passing.includes(status);
      const error = await failure();
      expect(error, String(status)).toBeInstanceOf(transient ? TransientError : PermanentError);
    }
  });

  it('passes on how long it was asked to wait', async () => {
    stub.answer = (_request, response) =>
      response.writeHead(429, { 'retry-after': '17' }).end('slow down');

    expect(await failure()).toMatchObject({ reason: 'rate_limited', retryAfterMs: 17_000 });
  });

  it('knows a rate limit that does not say how long', async () => {
    stub.answer = (_request, response) => response.writeHead(429).end();

    expect(await failure()).toMatchObject({ reason: 'rate_limited', retryAfterMs: undefined });
  });

  it('takes a refusal inside a 200 for one, with a reason and a sentence for people', async () => {
    for (const body of sample.refused) {
      stub.answer = (_request, response) => json(response, body);
      const error = await failure();
      expect(error).toBeInstanceOf(PermanentError);
      expect(error instanceof Error && error.message).toMatch(/^[A-Z].{15,}\.$/);
    }
  });

  it('says of a request whose answer was lost that it may have been carried out', async () => {
    stub.answer = (_request, response) => response.destroy();
    expect(await failure()).toMatchObject({ maybeDone: true });

    stub.answer = (_request, response) => json(response, {}, 500);
    expect(await failure()).toMatchObject({ maybeDone: true });

    stub.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' });
      response.write('{"ok":');
      response.destroy();
    };
    expect(await failure()).toMatchObject({ maybeDone: true });
  });

  it('says of a request that never left that it was not carried out', async () => {
    const gone = await startStub();
    await gone.close();

    expect(await failure(gone.url)).toMatchObject({ name: 'TransientError', maybeDone: false });
  });

  it.each<[string, (stub: StubServer) => void]>([
    ['is cut off', (server) => (server.answer = (_r, response) => response.destroy())],
    [
      'quotes the request back',
      (server) => {
        server.answer = ({ authorization, body }, response) =>
          json(response, { ok: false, error: `${authorization} ${body} ${PRIVATE}` });
      },
    ],
    [
      'quotes it back with an error status',
      (server) => {
        server.answer = ({ authorization, body }, response) =>
          response.writeHead(418, `${authorization}`).end(`${authorization} ${body}`);
      },
    ],
    [
      'is garbage',
      (server) => {
        server.answer = ({ authorization }, response) => response.end(`<html>${authorization}`);
      },
    ],
    ['is null', (server) => (server.answer = (_r, response) => json(response, null))],
    [
      'leads elsewhere',
      (server) => {
        server.answer = (_r, response) =>
          response.writeHead(302, { location: `${server.url}/?token=${SECRET}` }).end();
      },
    ],
  ])('leaks neither secret nor private word when the answer %s', async (_case, prepare) => {
    stub.requests.length = 0;
    prepare(stub);

    const outcome = await sender.send(outgoing()).catch((error: unknown) => error);

    if (sample.refused.length > 0) expect(outcome).toBeInstanceOf(Error);
    const shown = inspect(outcome, { depth: 9, showHidden: true });
    for (const word of [SECRET, PRIVATE, 'caller asked', '4567']) {
      expect(shown).not.toContain(word);
    }
    expect(stub.requests).toHaveLength(1);
  });

  /** An engine with a store of its own, and a sender that talks to the stub. */
  const engine = (over: object = {}) => {
    const store = memoryDeliveries();
    const settings: DestinationSettings = {
      id: 'ops',
      kind,
      ...sample.settings,
      baseUrl: `${stub.url}/api/`,
      ...over,
    };
    const attempt = (event = failedCall()) =>
      deliver(
        { event, destination: 'ops', heldMs: 0 },
        {
          store,
          sender,
          paceBook: memoryPaceBook(),
          incidents: memoryIncidents(store),
          breakers: watchBreakers(memoryBreakers(), () => new Date()),
          queue: { send: async () => undefined },
          queueOf: () => undefined,
          settingsOf: async () => settings,
          secretOf: async () => SECRET,
          now: () => new Date(),
          sleep: async () => undefined,
          random: Math.random,
          log: () => undefined,
          count: () => undefined,
        },
      );
    stub.requests.length = 0;
    stub.answer = (_request, response) => json(response, sample.accepted);
    return { store, attempt };
  };

  it('delivers an event once, however often it is asked to', async () => {
    const { store, attempt } = engine();

    await Promise.all([attempt(), attempt()]);
    await attempt();

    // A CRM takes several requests; none of them is made twice.
    const paths = stub.requests.map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)]);
    expect(paths).not.toEqual([]);
    expect([...store.rows.values()]).toMatchObject([{ state: 'delivered' }]);
    expect(JSON.stringify([...store.rows.values()])).not.toContain(SECRET);
  });

  /** A fact of every group that can be omitted, each in words that are nowhere else. */
  const telling = failedCall({
    summary: 'the-summary',
    from: '+966591234567',
    to: '+966591234568',
    contactNumber: '+966591234567',
    agentNumber: '+966591234568',
    recordingUrl: 'https://media.example.com/the-recording',
    transcriptUrl: 'https://media.example.com/the-transcript',
    contactId: 'the-patient',
    attributes: { patientName: 'the-patient', leadQualification: 'the-attribute' },
  });
  const WORDS: Readonly<Record<(typeof withholdable)[number], string>> = {
    summary: 'the-summary',
    numbers: '5912345',
    recording: 'the-recording',
    transcript: 'the-transcript',
    patient: 'the-patient',
    attributes: 'the-attribute',
  };
  const told = async (omit: readonly string[]): Promise<string> => {
    const { store, attempt } = engine({ omit });
    await attempt(telling);
    expect([...store.rows.values()]).toMatchObject([{ state: 'delivered' }]);
    const requests = stub.requests.map(({ path, body }) => decodeURIComponent(path) + body);
    return requests.join('\n').replaceAll(/[-\s()](?=\d)/g, '');
  };

  it('is told nothing that its settings omit, in no request', async () => {
    const everything = await told([]);
    expect(Object.values(WORDS).some((word) => everything.includes(word))).toBe(true);

    for (const group of withholdable) expect(await told([group])).not.toContain(WORDS[group]);
    const nothing = await told([...withholdable]);
    for (const word of Object.values(WORDS)) expect(nothing).not.toContain(word);
  });

  it('keeps its vendor away from what only wants to know its settings', () => {
    const foreign = (file: string): string[] => {
      const path = new URL(`../../lib/destinations/${kind}/${file}`, import.meta.url);
      const source = readFileSync(path, 'utf8');
      const imported = [...source.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name);
      const own = imported.filter((name) => name.startsWith('./'));
      return [
        ...imported.filter((name) => name !== 'zod' && !/^\.\.?\//.test(name)),
        ...own.flatMap(foreign),
      ];
    };

    expect(foreign('index.ts')).toEqual([]);
  });
});
