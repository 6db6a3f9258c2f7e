import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Console } from '../../lib/console/server.ts';
import { memoryRecords } from '../support/memory-records.ts';
import { clinicRecords, SECRET_WORD } from './clinic-records.ts';
import { openConsole } from './open-console.ts';

const NOW = new Date('2026-11-20T12:00:00Z');

let served: Console;
let cookie = '';

/** Not with `fetch`, which lets nobody say what its host is. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(served.url);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      request({ hostname, port, path, method, headers: { cookie, ...headers } }, (response) => {
        const { statusCode: status = 0 } = response;
        text(response).then((body) => resolve({ status, headers: response.headers, body }), reject);
      })
        .on('error', reject)
        .end();
    },
  );
}

const answer = async (path: string): Promise<unknown> => JSON.parse((await get(path)).body);

describe('the console', () => {
  beforeAll(async () => {
    served = await openConsole(clinicRecords(NOW), { now: () => NOW });
    const { pathname, search } = new URL(served.url);
    const { headers } = await get(pathname + search);
    cookie = String(headers['set-cookie']).split(';')[0] ?? '';
  });
  afterAll(() => served.close());

  it('gives a cookie that no script and no other site can use for the token in its address', async () => {
    const { pathname, search } = new URL(served.url);
    const { status, headers } = await get(pathname + search, { cookie: '' });

    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(String(headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict$/);
  });

  it('shows strangers nothing, at any path', async () => {
    for (const path of ['/', '/page.js', '/api/calls', '/api/overview', '/calls']) {
      expect(await get(path, { cookie: '' })).toMatchObject({ status: 401 });
    }
    expect(await get('/api/calls', { host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(await get('/api/calls', { origin: 'http://evil.example' })).toMatchObject({
      status: 403,
    });
  });

  it('is for reading only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      expect(await get('/api/calls', {}, method)).toMatchObject({ status: 405 });
    }
    expect(await get('/api/calls', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('keeps every answer out of caches, frames and sniffing, and lets in nothing from elsewhere', async () => {
    for (const path of ['/', '/page.js', '/page.css', '/api/about', '/api/none', '/none']) {
      const { headers } = await get(path);

      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('needs nothing from elsewhere', async () => {
    for (const path of ['/', '/page.js', '/page.css']) {
      const { body } = await get(path);

      expect(body.match(/(?:src|href)="(?:https?:)?\/\/|url\(|@import|from"https?:/g)).toBeNull();
    }
    expect((await get('/')).body).not.toMatch(/<style|style=|<script>|\bon\w+=/);
  });

  it('is the same page at the address of every view', async () => {
    const { body } = await get('/');

    for (const path of ['/connections', '/calls?outcome=failed', '/calls/clinic/a.b', '/charts']) {
      expect(await get(path)).toMatchObject({ status: 200, body });
    }
    expect(await get('/callsheet')).toMatchObject({ status: 404 });
    expect(await get('/api/__proto__')).toMatchObject({ status: 404 });
  });

  it('answers everything that the page asks', async () => {
    const call = 'connection=clinic-jeddah&id=call-3';

    expect(await answer('/api/about')).toMatchObject({ local: true, unreadable: 0 });
    expect(await answer('/api/overview')).toMatchObject({
      connections: [
        { id: 'clinic-jeddah', health: 'failing', reason: 'key_refused' },
        { id: 'lab-dammam', health: 'never-polled' },
        { id: 'clinic-riyadh', health: 'well', open: { count: 1, more: false } },
      ],
      destinations: [
        { id: 'ops', breaker: { reason: 'channel_not_found' }, unsettled: { parked: 3 } },
        { id: 'crm', breaker: null, unsettled: {} },
      ],
      silences: [{ id: 's1' }],
      attention: 3,
    });
    expect(await answer('/api/calls?outcome=failed&range=1h')).toMatchObject({
      calls: [
        { id: 'call-3', number: '••• 4570' },
        { id: 'call-8', reason: 'busy' },
        { id: 'call-13', reason: 'provider.error' },
      ],
      next: null,
    });
    expect(await answer(`/api/call?${call}`)).toMatchObject({
      call: { contactNumber: '••• 4570', attributes: { callback: '••• 4567' } },
      trace: { known: true, missing: [{ what: 'receipt', destination: 'ops' }] },
    });
    expect(await answer(`/api/call?${call}&numbers=full`)).toMatchObject({
      call: { contactNumber: '+966501234570' },
    });
    expect(await answer(`/api/raw?${call}`)).toEqual({
      raw: [{ callId: 'call-3', caller: '+966501234567' }],
    });
    expect(await answer('/api/deliveries')).toMatchObject({
      attention: [{ destination: 'ops', count: 3, state: 'parked' }],
      total: 3,
    });
    expect(await answer('/api/charts?range=1h')).toMatchObject({ reasonsBackTo: null });
    expect(await answer('/api/set-aside')).toMatchObject({
      quarantined: [{ id: 'odd-1', field: 'duration' }],
      unattributed: [{ id: 'w1' }],
      total: 2,
    });
    expect(await answer('/api/quarantined?connection=clinic-riyadh&id=odd-1')).toMatchObject({
      raw: { id: 'odd-1' },
    });
    expect(await answer('/api/connection?id=clinic-jeddah')).toMatchObject({
      line: { health: 'failing' },
      settings: { key: 'secret:callwire/providers/main#s' },
    });
  });

  it('traces a call that nobody has, too', async () => {
    expect(await answer('/api/call?connection=clinic-riyadh&id=gone')).toMatchObject({
      call: null,
      trace: { known: false, missing: [{ what: 'call' }], unattributed: 1 },
    });
    expect(await get('/api/connection?id=gone')).toMatchObject({ status: 404 });
  });

  it('says no more than it must: no secret, no number, no raw record unasked', async () => {
    const paths = ['about', 'overview', 'calls', 'deliveries', 'charts', 'set-aside'];
    const bodies = await Promise.all(
      [...paths, 'connection?id=clinic-riyadh', 'call?connection=clinic-jeddah&id=call-3'].map(
        async (path) => (await get(`/api/${path}`)).body,
      ),
    );

    for (const body of bodies) {
      expect(body).not.toContain(SECRET_WORD);
      expect(body).not.toMatch(/\+?96650/);
      expect(body).not.toContain('onerror');
    }
  });

  it.each([
    ['calls?range=1y', 'range is no range; write 1h, 24h, 7d or 30d.'],
    ['calls?from=yesterday', 'from is not a time; write 2026-01-31 or 2026-01-31T09:00:00Z.'],
    ['calls?from=2026-02-01&to=2026-01-01', 'from is not before to: nothing lies in between.'],
    ['calls?from=2001-01-01', 'from and to are more than 400 days apart; look at less at once.'],
    [
      'calls?number=4567',
      'number is not a whole number; write it with its country code, such as +966501234567.',
    ],
    ['calls?after=x', 'after is no place in a list.'],
  ])('says what to ask instead of %s', async (path, error) => {
    expect(await get(`/api/${path}`)).toMatchObject({
      status: 400,
      body: JSON.stringify({ error }),
    });
  });

  it('takes a number as people write it', async () => {
    const path = `/api/calls?number=${encodeURIComponent('00966 (50) 123-4570')}`;

    expect(await answer(path)).toMatchObject({ calls: [{ id: 'call-3' }] });
  });
});

describe('a console whose records cannot be read', () => {
  it('says why, and goes on', async () => {
    const records = memoryRecords();
    let isDown = true;
    const overview = async () => {
      if (isDown) throw new Error('The sign-in has expired.');
      return [];
    };
    served = await openConsole({}, { records: { ...records, destinations: overview } });
    const { pathname, search } = new URL(served.url);
    cookie = String((await get(pathname + search)).headers['set-cookie']).split(';')[0] ?? '';

    expect(await get('/api/overview')).toMatchObject({
      status: 502,
      body: '{"error":"The sign-in has expired."}',
    });
    isDown = false;
    expect(await get('/api/overview')).toMatchObject({ status: 200 });
    await served.close();
  });
});
