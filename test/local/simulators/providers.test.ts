import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderOptions } from '../../../lib/local/simulators/provider-simulator.ts';
import { startSamva } from '../../../lib/local/simulators/samva.ts';
import { rules as samvaRules } from '../../../lib/local/simulators/samva-rules.ts';
import { startSolum } from '../../../lib/local/simulators/solum.ts';
import { rules as solumRules } from '../../../lib/local/simulators/solum-rules.ts';
import { startVozagent } from '../../../lib/local/simulators/vozagent.ts';
import { rules as vozagentRules } from '../../../lib/local/simulators/vozagent-rules.ts';
import { createWorld, type WorldOptions } from '../../../lib/local/simulators/world.ts';
import { samva as readSamva } from '../../../lib/providers/samva/index.ts';
import { solum as readSolum } from '../../../lib/providers/solum/index.ts';
import { vozagent as readVozagent } from '../../../lib/providers/vozagent/index.ts';

const START = Date.parse('2026-03-01T09:00:00Z');
const KEY = 'test-key';

type Row = Record<string, unknown>;

// The answers are the subject here, so their shape is asserted by each test and not parsed.
const parse = <Body>(body: string): Body => JSON.parse(body) as Body;
const fixture = (path: string): unknown =>
  parse(readFileSync(new URL(`../../fixtures/${path}.json`, import.meta.url), 'utf8'));

const samva = {
  id: 'samva',
  start: startSamva,
  provider: readSamva,
  path: '/voice/calls',
  headers: { 'x-api-key': KEY },
  otherHeaders: [{ authorization: `Bearer ${KEY}` }, { 'x-api-key': 'wrong' }, {}],
  rows: (body: string) => parse<{ items: Row[] }>(body).items,
  refused: [
    'page=0',
    'limit=101',
    'limit=0',
    'sortBy=id',
    'sortOrder=DESC',
    'filters=x',
    'page=1&page=2',
  ],
  refusal: { error: { code: expect.any(String) as string, message: expect.any(String) as string } },
  status: 'status',
  rules: samvaRules,
  pages: /^https:\/\/samva\.app\/docs\//,
};
const solum = {
  id: 'solum',
  start: startSolum,
  provider: readSolum,
  path: '/v1/calls',
  headers: { 'x-api-key': KEY },
  otherHeaders: [{ authorization: `Bearer ${KEY}` }, { 'x-api-key': 'wrong' }, {}],
  rows: (body: string) => parse<{ data: Row[] }>(body).data,
  refused: [
    'page=0',
    'limit=101',
    'skip=0',
    'status=completed',
    'started_gte=1772355600000',
    'started_gte=2026-03-01T09:00:00',
  ],
  refusal: {
    detail: { type: expect.any(String) as string, message: expect.any(String) as string },
  },
  status: 'status',
  rules: solumRules,
  pages: /^https:\/\/docs\.getsolum\.com\//,
};
const vozagent = {
  id: 'vozagent',
  start: startVozagent,
  provider: readVozagent,
  path: '/v1/calls',
  headers: { authorization: `Bearer ${KEY}` },
  otherHeaders: [{ authorization: KEY }, { authorization: `Token ${KEY}` }, { 'x-api-key': KEY }],
  rows: (body: string) => parse<Row[]>(body),
  refused: ['limit=101', 'limit=-1', 'offset=-1', 'status=done', 'page=1'],
  refusal: { error: { code: expect.any(String) as string, message: expect.any(String) as string } },
  status: 'call_status',
  rules: vozagentRules,
  pages: /^https:\/\/docs\.vozagent\.ai\//,
};
type Subject = typeof samva | typeof solum | typeof vozagent;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function setUp(
  { start, path, headers, rows }: Subject,
  options: Partial<Omit<ProviderOptions, 'world'>> = {},
  traffic: Partial<WorldOptions> = {},
) {
  const clock = { now: START };
  const world = createWorld({ seed: 3, callsPerMinute: 0, ...traffic, now: () => clock.now });
  const simulator = await start({ key: KEY, world, ...options });
  closers.push(simulator.close);

  async function get(address: string, sent: Record<string, string> = { ...headers }) {
    const response = await fetch(simulator.url + address, {
      headers: sent,
      signal: AbortSignal.timeout(5000),
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }
  async function list(query = '') {
    const { status, body } = await get(path + query);
    expect({ status, body: status === 200 ? '' : body }).toEqual({ status: 200, body: '' });
    return rows(body);
  }
  return { clock, world, simulator, get, list };
}

describe.each([samva, solum, vozagent])('the $id simulator', (subject) => {
  it('serves the documented sample as it stands on the page', async () => {
    const { list } = await setUp(subject);

    expect(await list()).toEqual(subject.rows(JSON.stringify(fixture(`${subject.id}/list`))));
  });

  it('has every field of the sample in every row, and may lack what the sample may lack', async () => {
    const { list } = await setUp(subject, {}, { history: 30 });
    const [sample = {}] = subject.rows(JSON.stringify(fixture(`${subject.id}/list`)));

    for (const row of await list()) {
      expect(Object.keys({ call_intent: '', ...row }).sort()).toEqual(
        Object.keys({ call_intent: '', ...sample }).sort(),
      );
    }
  });

  it('serves nothing that its provider’s folder rejects', async () => {
    const { clock, get, world } = await setUp(subject, {}, { callsPerMinute: 60, history: 20 });
    clock.now += 40_000;
    const { list, detail } = subject.provider;
    const { body } = await get(subject.path);
    const page = list.read(JSON.parse(body), 0, undefined);

    expect(page.rejected).toEqual([]);
    expect(page.listed.length).toBeGreaterThan(15);
    const { id } = world.calls().at(-1) ?? { id: '' };
    if (detail) {
      const one = detail.read(JSON.parse((await get(detail.request(id).path)).body));
      expect(one).toMatchObject({ facts: { id } });
    }
  });

  it('answers 401 without the right header, and 405 to another method', async () => {
    const { get, simulator } = await setUp(subject);

    for (const headers of subject.otherHeaders) {
      const { status, body } = await get(subject.path, { ...headers } as Record<string, string>);
      expect([status, JSON.parse(body)]).toMatchObject([401, subject.refusal]);
    }
    const posted = await fetch(simulator.url + subject.path, {
      method: 'POST',
      headers: { ...subject.headers } as Record<string, string>,
    });
    expect(posted.status).toBe(405);
  });

  it('answers 400 to what the page does not allow, in its own envelope', async () => {
    const { get } = await setUp(subject);

    for (const query of subject.refused) {
      const { status, body } = await get(`${subject.path}?${query}`);
      expect([query, status, JSON.parse(body)]).toMatchObject([query, 400, subject.refusal]);
    }
  });

  it('answers 404 to another path and to an id of no call', async () => {
    const { get } = await setUp(subject);
    const nobody = '00000000-0000-4000-8000-000000000000';

    expect((await get('/v2/calls')).status).toBe(404);
    expect((await get(`${subject.path}/${nobody}`)).status).toBe(404);
  });

  it('tells in its truth when a call is listed as final', async () => {
    const { clock, list, simulator, world } = await setUp(subject);
    const { id } = world.spawn({ answeredAt: START, endedAt: START + 1000 });
    const truth = () => simulator.truth().find((call) => call.id === id);

    await list();
    expect(truth()).toMatchObject({ finalVisibleAt: null, finalServedCount: 0 });
    clock.now += 1500;
    await list();
    await expect.poll(truth).toMatchObject({ finalVisibleAt: START + 1000, finalServedCount: 1 });
  });

  it('serves each kind of malformed record, and says of which no call can be read', async () => {
    for (const kind of [
      'missingId',
      'wrongType',
      'notAnObject',
      'extraField',
      'hugeField',
      'missingField',
      'unknownStatus',
    ] as const) {
      const { get, simulator, world } = await setUp(subject, {
        faults: { malformed: { [kind]: 1 } },
      });
      world.spawn({ answeredAt: null, endedAt: START + 60_000 });
      const { body } = await get(subject.path);
      const { rejected } = subject.provider.list.read(JSON.parse(body), 0, undefined);

      const isQuarantinable = ['missingId', 'wrongType', 'notAnObject'].includes(kind);
      expect([kind, rejected.length > 0]).toEqual([kind, isQuarantinable]);
      expect([kind, ...simulator.truth().map(({ malformed }) => malformed)]).toEqual([
        kind,
        ...simulator.truth().map(() => isQuarantinable),
      ]);
      const sent = () => simulator.malformedSent().map((json): unknown => JSON.parse(json));
      await expect.poll(sent).toEqual([...new Set(rejected.map(({ raw }) => raw))]);
    }
  });

  it('fails as it is told to', async () => {
    const { get, simulator } = await setUp(subject);

    simulator.faults.tooManyRequests = { times: 1 };
    const limited = await get(subject.path);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
    expect(JSON.parse(limited.body)).toMatchObject(subject.refusal);
  });

  it('can say no inside a 200, which its provider’s folder does not take for an empty list', async () => {
    const { get } = await setUp(subject, { faults: { refusalIn200: 1 } });
    const { status, body } = await get(subject.path);

    expect(status).toBe(200);
    expect(() => subject.provider.list.read(JSON.parse(body), 0, undefined)).toThrow();
  });

  it('inserts and deletes rows between pages, and changes nothing when the world stands still', async () => {
    const faults = { insertedBetweenPages: 1, deletedBetweenPages: 1 };
    const { list, simulator, world } = await setUp(subject, { faults }, { history: 60 });
    const second = subject.id === 'vozagent' ? '?limit=20&offset=20' : '?limit=20&page=2';

    await list(second);
    expect(simulator.truth().filter(({ deleted }) => deleted)).toHaveLength(1);
    world.freeze();
    expect(await list(second)).toEqual(await list(second));
  });

  it('names a page for every rule that it calls documented', () => {
    for (const { certainty, source } of subject.rules) {
      if (certainty === 'documented') expect(source).toMatch(subject.pages);
    }
  });
});

it('Samva sorts as it is asked to, newest first when it is not', async () => {
  const { list } = await setUp(samva, { order: 'shuffled' }, { history: 40 });
  const times = async (query: string) =>
    (await list(`?limit=100${query}`)).map(({ initiatedAt }) => Date.parse(String(initiatedAt)));
  const newest = await times('');

  expect(newest).toEqual(newest.toSorted((a, b) => b - a));
  expect(await times('&sortBy=initiatedAt&sortOrder=asc')).toEqual(newest.toReversed());
});

it('Samva counts pages from 1, with 20 rows unless told otherwise', async () => {
  const { get, list } = await setUp(samva, {}, { history: 44 });
  const { body } = await get('/voice/calls?page=3');

  expect(await list()).toHaveLength(20);
  expect(await list('?page=3')).toHaveLength(5);
  expect(JSON.parse(body).pagination).toEqual({ page: 3, limit: 20, total: 45, totalPages: 3 });
});

it('Samva’s words are telephony’s or nobody’s, and its web calls have no numbers', async () => {
  const { clock, list } = await setUp(samva, {}, { callsPerMinute: 60 });
  clock.now += 60_000;
  const rows = await list('?limit=100');

  expect(rows.map(({ status }) => status)).toEqual(
    expect.arrayContaining(['hung-up', 'completed', 'in-progress']),
  );
  for (const row of rows.slice(0, -1)) expect(row.from === null).toBe(row.transport === 'webrtc');
});

it('Solum bounds started_at inclusively, and counts what is in the window', async () => {
  const { get, world } = await setUp(solum);
  world.spawn();
  const at = async (from: number, to: number) => {
    const [gte, lte] = [from, to].map((ms) => new Date(START + ms).toISOString());
    const { body } = await get(`/v1/calls?started_gte=${gte}&started_lte=${lte}`);
    return parse<{ pagination: { total: number } }>(body).pagination.total;
  };

  expect(await at(0, 0)).toBe(1);
  expect(await at(1, 9)).toBe(0);
  expect(await at(-9, -1)).toBe(0);
});

it('Solum says has_more until the last page', async () => {
  const { get } = await setUp(solum, {}, { history: 59 });
  const more = async (page: number) =>
    parse<{ pagination: unknown }>((await get(`/v1/calls?page=${page}`)).body).pagination;

  expect(await more(1)).toEqual({ has_more: true, total: 60, page: 1, limit: 50 });
  expect(await more(2)).toEqual({ has_more: false, total: 60, page: 2, limit: 50 });
});

it('Solum’s people look into a call after its end, and some need to be called back', async () => {
  const { clock, list, world } = await setUp(solum);
  for (let made = 0; made < 9; made += 1) {
    world.spawn({ answeredAt: START, endedAt: START + 1000, analysedAt: START + 2000 });
  }
  const words = async () =>
    (await list()).map(({ status, ended_at }) => [status, ended_at !== null]);

  clock.now += 1000;
  expect((await words()).slice(0, 9)).toEqual(Array.from({ length: 9 }, () => ['pending', true]));
  clock.now += 1000;
  expect(new Set((await words()).map(([status]) => status))).toEqual(
    new Set(['pending', 'done', 'follow_up_needed']),
  );
});

it('VozAgent lists the oldest first as its sample does, 50 unless told otherwise, from an offset', async () => {
  const { list } = await setUp(vozagent, {}, { history: 60 });
  const starts = (await list('?limit=100')).map(({ call_started_at }) =>
    Date.parse(String(call_started_at)),
  );

  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  expect(await list()).toHaveLength(50);
  expect(await list('?offset=50')).toHaveLength(12);
  expect(await list('?limit=0')).toEqual([]);
});

it('VozAgent’s detail gains transcript, recording and summary late', async () => {
  const { clock, get, world } = await setUp(vozagent);
  const { id } = world.spawn({
    answeredAt: START,
    endedAt: START + 1000,
    titledAt: START + 2000,
    recordedAt: START + 2000,
    analysedAt: START + 2000,
  });
  const read = async () => parse<Row>((await get(`/v1/calls/${id}`)).body);

  clock.now += 1000;
  expect(await read()).toMatchObject({ recording_url: null, analysis_summary: null });
  clock.now += 1000;
  const full = await read();
  expect(full.recording_url).toContain(id);
  expect(Object.keys({ call_intent: '', ...full }).sort()).toEqual(
    Object.keys(Object(fixture('vozagent/detail'))).sort(),
  );
});
