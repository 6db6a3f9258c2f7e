import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ReceiverLookalike, startReceiver } from '../../lib/local/simulators/receiver.ts';
import type { Listening } from '../support/listen.ts';
import { startSamvaStandIn } from '../support/samva-stand-in.ts';
import { type SamvaRow, samvaRow } from '../support/scripted-samva.ts';
import {
  callwire,
  type Ended,
  file,
  type Running,
  reportIn,
  start,
  workFolder,
} from './callwire.ts';

const HOOK_KEY = 'whsec_samva';
const OWN_SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const ENV = { SAMVA_KEY: 'k', HOOK_OLD: 'whsec_before', HOOK_NEW: HOOK_KEY, OWN_SECRET };

const listSchema = z.object({ webhooks: z.tuple([z.object({ id: z.string() })]) });
const idIn = (listed: Ended): string => listSchema.parse(reportIn(listed)).webhooks[0].id;

describe('callwire run with webhooks', () => {
  const folder = workFolder();
  const rows: SamvaRow[] = [];
  let samva: Listening;
  let receiver: ReceiverLookalike;
  let running: Running;
  let address = '';

  const send = (body: string, { key = HOOK_KEY, to = address } = {}) =>
    fetch(to, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-webhook-signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
      },
    }).then(({ status }) => status);

  const announced = () =>
    receiver
      .received()
      .map(({ body }) => body)
      .map((event) => `${Object(event).type} ${Object(Object(event).call).id}`);

  /** A call that just ended. */
  const justEnded = (id: string) => samvaRow(id, new Date(Date.now() - 31_000));

  beforeAll(async () => {
    samva = await startSamvaStandIn(rows);
    receiver = await startReceiver({ secret: OWN_SECRET });
    const config = file(
      folder.path,
      'callwire.yaml',
      `connections:
  # Polled once a day, so what is told soon was told by a webhook.
  - { id: shop, provider: samva, key: env:SAMVA_KEY, baseUrl: "${samva.url}", poll: { every: 24h, max: 24h }, webhook: { secrets: [env:HOOK_OLD, env:HOOK_NEW] }, firstRun: all }
destinations:
  - { id: own, kind: webhook, url: "${receiver.hookUrl}", secret: env:OWN_SECRET, allowLoopback: true }
routes:
  - { id: all, to: [own] }
`,
    );
    rows.push(justEnded('before'));
    running = start(['run', '--config', config, '--data', `${folder.path}/data`, '--json'], {
      env: ENV,
    });
    let said = '';
    running.child.stderr?.on('data', (text: string) => {
      said += text;
    });
    await running.said(/webhooks of shop: http\S+\n/);
    address = /webhooks of shop: (http\S+)/.exec(said)?.[1] ?? '';
  }, 60_000);

  afterAll(async () => {
    running.child.kill('SIGKILL');
    samva.close();
    await receiver.close();
    folder.remove();
  });

  it('polls first, because that decides what is news', async () => {
    await expect.poll(announced, { timeout: 20_000 }).toEqual(['call.completed before']);
  }, 30_000);

  it('tells of the call that a webhook carries, without asking its provider', async () => {
    const body = JSON.stringify({
      timestamp: new Date().toISOString(),
      data: justEnded('carried'),
    });

    expect(await send(body)).toBe(200);
    await expect.poll(announced, { timeout: 10_000 }).toContain('call.completed carried');
    expect(await send(body)).toBe(200);
  });

  it('asks the provider at once where a webhook is but a hint', async () => {
    rows.push(justEnded('carried'), justEnded('hinted'));

    expect(await send('{"event":"call.ended"}')).toBe(200);
    await expect.poll(announced, { timeout: 10_000 }).toContain('call.completed hinted');
  });

  it('takes nothing from others, nor at other addresses', async () => {
    const body = JSON.stringify({ data: justEnded('forged') });

    expect(await send(body, { key: 'whsec_guessed' })).toBe(401);
    expect(await send(body, { to: address.replace('/shop/', '/other/') })).toBe(404);
    expect(await send(body, { to: `${address}x` })).toBe(404);
    expect(await send(`"${'x'.repeat(1024 * 1024)}"`)).toBe(413);
  });

  it('keeps what nobody can make out, to be looked at and taken again', async () => {
    const half = '{"data": {"id": "half"';
    expect(await send(half)).toBe(200);
    const ask = (...args: string[]) =>
      callwire(['webhooks', ...args, '--data', `${folder.path}/data`, '--json']);

    const listed = await ask('list');
    const shown = await ask('show', '--connection', 'shop', '--id', idIn(listed));
    const retaken = await ask('retake', '--connection', 'shop');

    expect([listed.status, shown.status, retaken.status]).toEqual([1, 0, 1]);
    expect(reportIn(shown)).toMatchObject({ body: half, rule: 'is not JSON' });
    expect(reportIn(retaken)).toMatchObject({ carried: 0, unattributed: 1 });
  }, 60_000);

  it('says in the end what webhooks were good for', async () => {
    running.child.kill('SIGINT');
    const ended: Ended = await running.ended;

    expect(announced().toSorted()).toEqual([
      'call.completed before',
      'call.completed carried',
      'call.completed hinted',
    ]);
    expect(receiver.violations()).toEqual([]);
    expect(reportIn(ended)).toMatchObject({
      calls: 3,
      events: { 'call.completed': 3 },
      webhooks: {
        received: 5,
        forged: 1,
        carried: 2,
        hints: 1,
        unattributed: 1,
        firstByWebhook: 1,
        firstByHint: 1,
      },
    });
    expect(ended.status).toBe(0);
  }, 60_000);
});
