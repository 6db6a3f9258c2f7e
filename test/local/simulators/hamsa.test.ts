import { afterEach, describe, expect, it } from 'vitest';
import { type HamsaOptions, startHamsa } from '../../../lib/local/simulators/hamsa.ts';
import { rules } from '../../../lib/local/simulators/hamsa-rules.ts';
import { createWorld, type WorldOptions } from '../../../lib/local/simulators/world.ts';

const START = Date.parse('2026-03-01T09:00:00Z');
const KEY = 'hamsa-test-key';
const LIST = '/v1/voice-agents/conversations/minimal-list';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function setUp(
  options: Partial<Omit<HamsaOptions, 'world'>> = {},
  traffic: Partial<WorldOptions> = {},
) {
  const clock = { now: START };
  const world = createWorld({ seed: 3, callsPerMinute: 0, ...traffic, now: () => clock.now });
  const hamsa = await startHamsa({ key: KEY, world, ...options });
  closers.push(hamsa.close);

  async function get(path: string, authorization = `Token ${KEY}`) {
    const response = await fetch(hamsa.url + path, {
      headers: { authorization },
      signal: AbortSignal.timeout(5000),
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }
  async function list(query = '') {
    const { status, body } = await get(LIST + query);
    expect({ status, body: status === 200 ? '' : body }).toEqual({ status: 200, body: '' });
    return parse<ListData>(body).data;
  }
  return { clock, world, hamsa, get, list };
}

// The answers are the subject here, so their shape is asserted by each test and not parsed.
function parse<Data>(body: string): { success: boolean; message: string; data: Data } {
  return JSON.parse(body) as { success: boolean; message: string; data: Data };
}

interface ListData {
  total: number;
  filtered: number;
  calls: Record<string, unknown>[];
}

function idsOf({ calls }: ListData): unknown[] {
  return calls.map(({ id }) => id);
}

describe('the Hamsa list', () => {
  it('serves the documented sample record as it stands on the page', async () => {
    const { list } = await setUp();

    const { calls } = await list('?startTime=1764422653221&endTime=1764422653221');

    expect(calls).toEqual([
      {
        id: 'e01b0877-1849-49f5-b4c2-d789fe603ec8',
        createdAt: '2025-11-29T13:24:13.221Z',
        status: 'COMPLETED',
        voiceAgentId: '1df8a0c5-d1c8-44bb-848f-8accf58f32e2',
        agentName: 'Support Agent',
        duration: 35,
        channelType: 'Telephone',
        callParams: { machineNumber: '+16592225145', userNumber: '+201095987769' },
      },
    ]);
  });

  it('has the documented envelope, with total beside filtered', async () => {
    const { get } = await setUp({}, { history: 30 });

    const { headers, body } = await get(`${LIST}?status=NO_ANSWER&status=FAILED`);

    const answer = parse<ListData>(body);
    expect(headers.get('content-type')).toContain('application/json');
    expect(answer).toMatchObject({ success: true, message: 'success', data: { total: 32 } });
    expect(answer.data.filtered).toBe(answer.data.calls.length);
    const statuses = answer.data.calls.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['NO_ANSWER', 'FAILED']));
  });

  it('counts pages from 1, with 100 rows unless told otherwise and never more than 200', async () => {
    const { list } = await setUp({}, { history: 250 });

    expect((await list()).calls).toHaveLength(100);
    expect((await list('?perPage=200')).calls).toHaveLength(200);
    expect((await list('?perPage=201')).calls).toHaveLength(200);
    const pages = [await list('?perPage=150&page=1'), await list('?perPage=150&page=2')];
    expect(new Set(pages.flatMap(idsOf)).size).toBe(252);
    expect((await list('?page=9')).calls).toEqual([]);
  });

  it('bounds createdAt inclusively', async () => {
    const { list, world } = await setUp();
    const call = world.spawn();

    const at = (from: number, to: number) => list(`?startTime=${from}&endTime=${to}`).then(idsOf);

    expect(await at(call.createdAt, call.createdAt)).toEqual([call.id]);
    expect(await at(call.createdAt + 1, call.createdAt + 9)).toEqual([]);
    expect(await at(call.createdAt - 9, call.createdAt - 1)).toEqual([]);
  });

  it('filters by agent', async () => {
    const { list } = await setUp({}, { history: 40 });
    const id = 'c2a9d7e4-3b61-4f0e-8d25-7e9a10b4c6d2';

    const { calls } = await list(`?voiceAgentId=${id}`);

    expect(calls.length).toBeGreaterThan(0);
    expect(new Set(calls.map(({ voiceAgentId }) => voiceAgentId))).toEqual(new Set([id]));
  });

  it.each(['Bearer hamsa-test-key', 'hamsa-test-key', 'token hamsa-test-key', 'Token wrong', ''])(
    'answers 401 to the authorization "%s"',
    async (authorization) => {
      const { get } = await setUp();

      const { status, body } = await get(LIST, authorization);

      expect(status).toBe(401);
      expect(JSON.parse(body)).toEqual({ success: false, message: 'Unauthorized' });
    },
  );

  it.each([
    'page=0',
    'page=1.5',
    'page=',
    'perPage=0',
    'perPage=ten',
    'status=DONE',
    'status=COMPLETED,FAILED',
    'status=completed',
    'startTime=2026-03-01T09:00:00Z',
    'startTime=1772355600',
    'startTime=1772355600000&endTime=1772355599999',
    'voiceAgentId=support',
    'limit=5',
    'page=1&page=2',
  ])('answers 400 to ?%s', async (query) => {
    const { get } = await setUp();

    const { status, body } = await get(`${LIST}?${query}`);

    expect(status).toBe(400);
    expect(parse(body)).toEqual({ success: false, message: expect.stringMatching(/./) as string });
  });

  it('answers 404 to another path, and has no other method', async () => {
    const { get, hamsa } = await setUp();

    expect((await get('/v1/voice-agents/conversations/x')).status).toBe(404);
    const posted = await fetch(hamsa.url + LIST, {
      method: 'POST',
      headers: { authorization: `Token ${KEY}` },
    });
    expect(posted.status).toBe(405);
  });

  it('orders newest first, oldest first, or as if by chance and yet always alike', async () => {
    const times = async (order: 'newest' | 'oldest' | 'shuffled') => {
      const { list } = await setUp({ order }, { history: 40 });
      const first = await list();
      expect(await list()).toEqual(first);
      return first.calls.map(({ createdAt }) => String(createdAt));
    };
    const [newest, oldest, shuffled] = [
      await times('newest'),
      await times('oldest'),
      await times('shuffled'),
    ];

    expect(oldest).toEqual(newest.toSorted());
    expect(newest).toEqual(oldest.toReversed());
    expect(shuffled).not.toEqual(oldest);
    expect(shuffled.toSorted()).toEqual(oldest);
  });

  it('shows a call change from pending to its end', async () => {
    const { clock, list, world } = await setUp();
    world.spawn({ answeredAt: START + 2000, endedAt: START + 9000, ending: 'forwarded' });
    const look = async () => {
      const { calls } = await list(`?startTime=${START}`);
      return calls.map(({ status, duration }) => [status, duration])[0];
    };

    expect(await look()).toEqual(['PENDING', null]);
    clock.now += 2000;
    expect(await look()).toEqual(['IN_PROGRESS', null]);
    clock.now += 7000;
    expect(await look()).toEqual(['FORWARDED', 7]);
  });
});

describe('the Hamsa detail', () => {
  it('serves the documented sample as it stands on the page', async () => {
    const { get } = await setUp();

    const { body } = await get(
      '/v1/voice-agents/conversation/849e77c6-5cb3-479a-a985-7fab630e2c78',
    );

    expect(JSON.parse(body)).toMatchObject({
      success: true,
      message: 'Success',
      data: {
        id: '849e77c6-5cb3-479a-a985-7fab630e2c78',
        createdAt: '2024-01-15T10:30:00Z',
        title: 'Customer Support Call',
        callDuration: 125,
        channelType: 'TELEPHONE',
        logs: [{ id: 'log_123' }],
      },
    });
  });

  it('gains title, recording and analysis late, and has every field of the sample throughout', async () => {
    const { clock, get, world } = await setUp();
    const call = world.spawn({
      answeredAt: START,
      endedAt: START + 1000,
      ending: 'completed',
      titledAt: START + 2000,
      recordedAt: START + 3000,
      analysedAt: START + 4000,
    });
    const read = async (id: string) =>
      parse<Record<string, unknown>>((await get(`/v1/voice-agents/conversation/${id}`)).body).data;
    const fields = Object.keys(await read('849e77c6-5cb3-479a-a985-7fab630e2c78'));

    clock.now += 1000;
    const atEnd = await read(call.id);
    clock.now += 3000;
    const later = await read(call.id);

    expect(Object.keys(atEnd)).toEqual(fields);
    expect(atEnd).toMatchObject({ status: 'COMPLETED', mediaUrl: null, callAnalysis: {} });
    expect(later.title).toContain(call.caller.name);
    expect(later.mediaUrl).toContain(call.id);
    expect(JSON.stringify(later.callAnalysis)).toContain(JSON.stringify(call.topic).slice(1, -1));
    expect(Date.parse(String(later.updatedAt))).toBe(START + 4000);
  });

  it('answers 400 to what is no UUID and 404 to an id of no call', async () => {
    const { get } = await setUp();

    expect((await get('/v1/voice-agents/conversation/42')).status).toBe(400);
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect((await get(`/v1/voice-agents/conversation/${unknown}`)).status).toBe(404);
    expect((await get(`/v1/voice-agents/conversations/${unknown}`)).status).toBe(404);
  });
});

describe('the faults of the Hamsa simulator', () => {
  it('refuses with 429 until Retry-After has passed, and remembers who came early', async () => {
    const { clock, get, hamsa } = await setUp({
      faults: { tooManyRequests: { times: 1 }, retryAfterSeconds: 3 },
    });

    const first = await get(LIST);
    clock.now += 1000;
    const early = await get(LIST);
    clock.now += 2000;
    const patient = await get(LIST);

    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '3']);
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '2']);
    expect(patient.status).toBe(200);
    await expect
      .poll(() => hamsa.requests().map((request) => request.early))
      .toEqual([false, true, false]);
  });

  it('answers with server errors, HTML and success: false', async () => {
    const { get, hamsa } = await setUp();

    hamsa.faults.serverError = { times: 1 };
    expect([500, 502, 503]).toContain((await get(LIST)).status);
    hamsa.faults.htmlPage = { times: 1 };
    const page = await get(LIST);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    hamsa.faults.refusalIn200 = { times: 1 };
    const refused = await get(LIST);
    expect([refused.status, JSON.parse(refused.body).success]).toEqual([200, false]);
    expect(JSON.parse((await get(LIST)).body).success).toBe(true);
  });

  it('resets connections, never answers, or sends half a body, and close ends them all', async () => {
    const { get, hamsa } = await setUp();

    hamsa.faults.connectionReset = { times: 1 };
    await expect(get(LIST)).rejects.toThrow('fetch failed');
    hamsa.faults.timeout = { times: 1 };
    hamsa.faults.slowBody = { times: 1 };
    const waiting = [get(LIST), get(LIST)].map((request) => request.catch(() => 'ended'));
    await expect.poll(() => hamsa.counts().list).toBe(3);
    await hamsa.close();

    expect(await Promise.all(waiting)).toEqual(['ended', 'ended']);
    closers.length = 0;
  });

  it('finishes a slow body in the end', async () => {
    const { list } = await setUp({ faults: { slowBody: 1, slowBodyMs: 20 } });

    expect((await list()).total).toBe(2);
  });

  it('strikes one endpoint only when told to', async () => {
    const { get } = await setUp({ faults: { serverError: 1, only: 'detail' } });

    expect((await get(LIST)).status).toBe(200);
    const path = '/v1/voice-agents/conversation/849e77c6-5cb3-479a-a985-7fab630e2c78';
    expect((await get(path)).status).toBeGreaterThanOrEqual(500);
  });

  it('serves each kind of malformed record, the same at every request', async () => {
    const kinds = {
      missingId: (row: unknown) => expect(row).not.toHaveProperty('id'),
      wrongType: (row: unknown) => expect(row).toHaveProperty('status', 42),
      notAnObject: (row: unknown) => expect(row).toBeTypeOf('string'),
      extraField: (row: unknown) => expect(row).toHaveProperty('sentimentV2'),
      missingField: (row: unknown) => expect(row).not.toHaveProperty('agentName'),
      unknownStatus: (row: unknown) => expect(row).toHaveProperty('status', 'RINGING'),
      hugeField: (row: unknown) =>
        expect(Buffer.byteLength(JSON.stringify(row))).toBeGreaterThan(300 * 1024),
    };
    for (const [kind, check] of Object.entries(kinds)) {
      const { hamsa, list, world } = await setUp({
        faults: { malformed: { [kind]: { times: 1 } } },
      });
      const call = world.spawn({ answeredAt: null });

      const rows = [await list(`?startTime=${START}`), await list(`?startTime=${START}`)];

      for (const { calls } of rows) check(calls[0]);
      const truth = hamsa.truth().find(({ id }) => id === call.id);
      const quarantinable = ['missingId', 'wrongType', 'notAnObject'].includes(kind);
      expect({ kind, malformed: truth?.malformed }).toEqual({ kind, malformed: quarantinable });
    }
  });

  it('uses the unknown word for open calls only, so that the call can still be announced', async () => {
    const { clock, list, world } = await setUp({ faults: { malformed: { unknownStatus: 1 } } });
    world.spawn({ answeredAt: START, endedAt: START + 1000, ending: 'failed' });
    const status = async () => (await list(`?startTime=${START}`)).calls[0]?.status;

    expect(await status()).toBe('RINGING');
    clock.now += 1000;
    expect(await status()).toBe('FAILED');
  });

  it('inserts and deletes rows between pages, so that page numbers drift', async () => {
    const { hamsa, list } = await setUp({}, { history: 60 });

    const first = await list('?perPage=20&page=1');
    hamsa.faults.insertedBetweenPages = { times: 1 };
    const drifted = await list('?perPage=20&page=2');
    expect(idsOf(first)).toContain(idsOf(drifted)[0]);
    expect(drifted.total).toBe(63);

    hamsa.faults.deletedBetweenPages = { times: 1 };
    await list('?perPage=20&page=2');
    const gone = hamsa.truth().filter(({ deleted }) => deleted);
    expect(gone).toHaveLength(1);
    const everything = await list();
    expect(idsOf(everything)).not.toContain(gone[0]?.id);
    expect(everything.total).toBe(62);
  });

  it('changes nothing any more when the world is frozen', async () => {
    const { list, world } = await setUp(
      { faults: { insertedBetweenPages: 1, deletedBetweenPages: 1 } },
      { history: 10 },
    );
    world.freeze();

    const pages = [await list('?perPage=5&page=2'), await list('?perPage=5&page=2')];

    expect(pages[0]).toEqual(pages[1]);
  });

  it('answers 404 for the detail of a deleted call', async () => {
    const { get, hamsa, list } = await setUp({ faults: { deletedBetweenPages: 1 } });
    await list('?perPage=1&page=2');

    const gone = hamsa.truth().find(({ deleted }) => deleted);

    expect((await get(`/v1/voice-agents/conversation/${gone?.id}`)).status).toBe(404);
  });

  it('hides a late call from the list for a while, but not from its detail', async () => {
    const { clock, get, hamsa, list, world } = await setUp({
      faults: { lateVisibility: 1, lateVisibilitySeconds: 4 },
    });
    const call = world.spawn({ endedAt: START + 1000 });
    const ids = async () => idsOf(await list(`?startTime=${START}`));

    expect(await ids()).toEqual([]);
    expect((await get(`/v1/voice-agents/conversation/${call.id}`)).status).toBe(200);
    clock.now += 4000;
    expect(await ids()).toEqual([call.id]);
    expect(hamsa.truth().find(({ id }) => id === call.id)?.finalVisibleAt).toBe(START + 4000);
  });
});

describe('the truth of the Hamsa simulator', () => {
  it('counts the whole answers in which a call was final, and when the first was sent', async () => {
    const { clock, get, hamsa, list, world } = await setUp();
    const call = world.spawn({ answeredAt: START, endedAt: START + 1000, ending: 'terminated' });
    const truth = () => hamsa.truth().find(({ id }) => id === call.id);

    await list();
    expect(truth()).toMatchObject({
      status: 'IN_PROGRESS',
      endedAt: null,
      finalVisibleAt: null,
      finalServedCount: 0,
      firstFinalServedAt: null,
    });

    clock.now += 1500;
    hamsa.faults.serverError = { times: 1 };
    await get(LIST);
    await list();
    clock.now += 500;
    await get(`/v1/voice-agents/conversation/${call.id}`);

    await expect.poll(() => truth()?.finalServedCount).toBe(2);
    expect(truth()).toMatchObject({
      status: 'TERMINATED',
      endedAt: START + 1000,
      finalVisibleAt: START + 1000,
      firstFinalServedAt: START + 1500,
      malformed: false,
      deleted: false,
    });
  });

  it('does not count an answer that was cut off', async () => {
    const { hamsa } = await setUp({ faults: { slowBody: 1, slowBodyMs: 5000 } });

    const response = await fetch(hamsa.url + LIST, { headers: { authorization: `Token ${KEY}` } });
    await response.body?.cancel();

    await expect.poll(() => hamsa.requests()).toHaveLength(1);
    expect(hamsa.truth().map(({ finalServedCount }) => finalServedCount)).toEqual([0, 0]);
  });

  it('counts requests of each endpoint', async () => {
    const { get, hamsa } = await setUp();

    await get(LIST);
    await get(LIST, 'Token wrong');
    await get('/v1/voice-agents/conversation/849e77c6-5cb3-479a-a985-7fab630e2c78');

    expect(hamsa.counts()).toEqual({ list: 2, detail: 1 });
    await expect.poll(() => hamsa.requests().map(({ status }) => status)).toEqual([200, 401, 200]);
  });
});

describe('the rules of the Hamsa simulator', () => {
  it('name a page for everything they call documented', () => {
    for (const { certainty, source } of rules) {
      if (certainty === 'documented') expect(source).toMatch(/^https:\/\/docs\.tryhamsa\.com\//);
    }
  });
});
