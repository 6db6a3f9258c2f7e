import { createHmac } from 'node:crypto';
import { type Chance, strikes } from './faults.ts';
import type { Random } from './random.ts';
import type { World, WorldCall } from './world.ts';

/** What a provider sends webhooks about. */
export type Happening = 'started' | 'ended';

/** How a provider's pages describe its webhooks. */
export interface WebhookApi {
  /** Undefined: it sends nothing of that. */
  body(call: WorldCall, happening: Happening, at: number): unknown;
  /** What shows that it knows the secret. */
  proof(secret: string, body: string): Readonly<Record<string, string>>;
}

/** What can go wrong with webhooks on their way. */
export interface WebhookFaults {
  webhookLost: Chance;
  webhookTwice: Chance;
  /** It comes `webhookLateSeconds` later, when others have overtaken it. */
  webhookLate: Chance;
  webhookLateSeconds: number;
  /** Somebody who knows no secret sends the same before it. */
  webhookForged: Chance;
}

/** Where webhooks go, and what proves that they are this provider's. */
export interface WebhookReceiver {
  readonly url: string;
  readonly secret: string;
}

interface Sending {
  readonly at: number;
  readonly body: string;
  readonly isForged: boolean;
}

/** Webhooks that are being sent. */
export interface SentWebhooks {
  /** Answers that no provider should get, in words. */
  objections(): readonly string[];
  stop(): void;
}

const LOOK_MS = 100;
/** A provider needs a moment as well. */
const DELAY_MS = 150;
/** What is answered with trouble comes again after so long. */
const AGAIN_MS = 1_000;
const TIMEOUT_MS = 10_000;

export const hmacHex = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/**
 * Sends webhooks about the calls of a world that begin and end from now on, until it stands still.
 *
 * @param isSound false for calls whose records are malformed: of those nothing is sent
 */
export function sendWebhooks(
  api: WebhookApi,
  { url, secret }: WebhookReceiver,
  {
    world,
    faults,
    random,
    isSound,
  }: {
    world: World;
    faults: WebhookFaults;
    random: Random;
    isSound: (call: WorldCall) => boolean;
  },
): SentWebhooks {
  const objections = new Set<string>();
  let toCome: Sending[] = [];
  let lookedAt = world.clock();

  function plan(call: WorldCall, happening: Happening, at: number): void {
    const told = isSound(call) ? api.body(call, happening, at) : undefined;
    if (told === undefined || strikes(faults.webhookLost, random)) return;
    const body = JSON.stringify(told);
    if (strikes(faults.webhookForged, random)) toCome.push({ at, body, isForged: true });
    const isLate = strikes(faults.webhookLate, random);
    const due = at + DELAY_MS + (isLate ? faults.webhookLateSeconds * 1000 : 0);
    toCome.push({ at: due, body, isForged: false });
    if (strikes(faults.webhookTwice, random)) {
      toCome.push({ at: due + AGAIN_MS * random.next(), body, isForged: false });
    }
  }

  async function send({ body, isForged }: Sending): Promise<void> {
    const proof = api.proof(isForged ? 'a guess' : secret, body);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...proof },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => undefined);
    const status = response?.status ?? 503;
    if (status === 429 || status >= 500) {
      toCome.push({ at: world.clock() + AGAIN_MS, body, isForged });
    } else if (status !== (isForged ? 401 : 200)) {
      objections.add(`a ${isForged ? 'forged' : 'signed'} webhook was answered with ${status}`);
    }
  }

  const timer = setInterval(() => {
    if (world.isFrozen()) return;
    const now = world.time();
    for (const call of world.calls()) {
      if (call.createdAt > lookedAt) plan(call, 'started', now);
      if (call.endedAt > lookedAt && call.endedAt <= now) plan(call, 'ended', now);
    }
    lookedAt = now;
    const due = toCome.filter(({ at }) => at <= now);
    toCome = toCome.filter(({ at }) => at > now);
    for (const sending of due) void send(sending);
  }, LOOK_MS);

  return { objections: () => [...objections], stop: () => clearInterval(timer) };
}
