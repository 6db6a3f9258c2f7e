import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startHamsa } from '../../../lib/local/simulators/hamsa.ts';
import type { ProviderFaults } from '../../../lib/local/simulators/provider-faults.ts';
import { startSamva } from '../../../lib/local/simulators/samva.ts';
import { createWorld } from '../../../lib/local/simulators/world.ts';
import { hamsa } from '../../../lib/providers/hamsa/index.ts';
import { samva } from '../../../lib/providers/samva/index.ts';
import { isAuthentic } from '../../../lib/webhooks/scheme.ts';
import { listen } from '../../support/listen.ts';

const SECRET = 'whsec_test';

/** What came at an address, and whether it is authentic. */
async function receiver(provider: typeof samva, answer: (isAuthentic: boolean) => number) {
  const came: { authentic: boolean; body: unknown }[] = [];
  const server = await listen(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
        );
        const { scheme } = provider.webhook;
        const authentic =
          scheme !== undefined && isAuthentic(scheme, { headers, body }, [SECRET], new Date());
        came.push({ authentic, body: JSON.parse(body.toString()) });
        response.writeHead(answer(authentic)).end();
      });
    }),
  );
  onTestFinished(() => server.close());
  return { url: server.url, came };
}

/** A provider with one call that goes on for a quarter of a second, of which it sends webhooks. */
async function telling(
  start: typeof startSamva,
  provider: typeof samva,
  faults: Partial<ProviderFaults> = {},
  answer: (isAuthentic: boolean) => number = (authentic) => (authentic ? 200 : 401),
) {
  const world = createWorld({ seed: 1, now: Date.now, callsPerMinute: 0 });
  const { url, came } = await receiver(provider, answer);
  const simulator = await start({ key: 'k', world, faults });
  onTestFinished(() => simulator.close());
  simulator.sendWebhooks({ url, secret: SECRET });
  const now = Date.now() + 10;
  const call = world.spawn({
    createdAt: now,
    answeredAt: now,
    endedAt: now + 250,
    ending: 'completed',
  });
  return { came, call, simulator, world };
}

describe('webhooks of a simulated provider', () => {
  it.each([
    { start: startSamva, provider: samva },
    { start: startHamsa, provider: hamsa },
  ])('of $provider.id are such as its pages describe, signed, and about calls', async (one) => {
    const { start, provider } = one;
    const { came } = await telling(start, provider);

    await expect.poll(() => came).toHaveLength(2);

    expect(came.every(({ authentic }) => authentic)).toBe(true);
    expect(provider.webhook.read(came[1]?.body)?.concernsCalls).toBe(true);
  });

  it('carry the call as the list has it where they carry it', async () => {
    const { came, call } = await telling(startSamva, samva);

    await expect.poll(() => came).toHaveLength(2);

    const ids = came.map(({ body }) => samva.webhook.read(body)?.listed?.facts.id);
    expect(ids).toEqual([call.id, call.id]);
  });

  it('are lost, doubled, forged and late where faults say so', async () => {
    const lost = await telling(startSamva, samva, { webhookLost: 1 });
    const twice = await telling(startSamva, samva, { webhookTwice: 1, webhookForged: 1 });

    await expect.poll(() => twice.came, { timeout: 5_000 }).toHaveLength(6);

    expect(twice.came.filter(({ authentic }) => authentic)).toHaveLength(4);
    expect(lost.came).toEqual([]);
    expect(twice.simulator.webhookObjections()).toEqual([]);
  });

  it('that are refused are told, and so are forged ones that are taken', async () => {
    const { simulator } = await telling(startSamva, samva, { webhookForged: 1 }, (authentic) =>
      authentic ? 404 : 200,
    );

    await vi.waitFor(() => expect(simulator.webhookObjections()).toHaveLength(2), 5_000);

    expect(simulator.webhookObjections().toSorted()).toEqual([
      'a forged webhook was answered with 200',
      'a signed webhook was answered with 404',
    ]);
  });
});
