import { createHmac } from 'node:crypto';

/** Secrets of the connections under test, by the names that they have in the embedded secret. */
export const SECRETS = { signed: 'whsec_signed', timed: 'whsec_timed', plain: 'whsec_plain' };
type Connection = keyof typeof SECRETS;

/** What a request is, and what has to become of it. */
export type Kind =
  /** Authentic, with a call that is over. */
  | 'carrying'
  /** Authentic, and but a hint. */
  | 'hint'
  /** An earlier one, byte by byte. */
  | 'replayed'
  /** Authentic, and nothing that anybody could read. */
  | 'garbage'
  /** Carries a call, and whoever signed it knows no secret. */
  | 'forged'
  /** Authentic once: its signed timestamp is ten minutes old. */
  | 'stale'
  /** Over a megabyte, and authentic. */
  | 'oversized'
  /** At no connection's address. */
  | 'astray';

export const WANTED: Record<Kind, number> = {
  carrying: 200,
  hint: 200,
  replayed: 200,
  garbage: 200,
  forged: 401,
  stale: 401,
  oversized: 413,
  astray: 404,
};

/** Twenty requests in turn: oversized ones come by themselves, for they are mostly transport. */
const ROUND: readonly Kind[] = [
  ...Array<Kind>(6).fill('carrying'),
  ...Array<Kind>(4).fill('forged'),
  ...Array<Kind>(3).fill('hint'),
  ...Array<Kind>(3).fill('replayed'),
  'garbage',
  'stale',
  'stale',
  'astray',
];
const OVERSIZED_EVERY = 200;
const OVERSIZED = Buffer.alloc(1024 * 1024 + 1, ' ');

/** One that is kept for a person is written whole; the same one again is kept once. */
const GARBAGE_VARIANTS = 50;

export interface Request {
  readonly kind: Kind;
  readonly connection: Connection;
  /** Of the call that it carries, or would. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const hmac = (secret: string, ...parts: (string | Buffer)[]): string => {
  const digest = createHmac('sha256', secret);
  for (const part of parts) digest.update(part);
  return `sha256=${digest.digest('hex')}`;
};

/** A call as Samva's pages show it, which ended a moment ago. */
function carried(id: string, now: Date): Buffer {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
  const data = {
    id,
    transport: 'pstn',
    direction: 'inbound',
    from: '+96170123456',
    to: '+9611234567',
    voiceAgentId: 'agent-1',
    status: 'completed',
    initiatedAt: ago(60),
    answeredAt: ago(55),
    endedAt: ago(1),
    durationSeconds: 54,
    summary: 'They asked about opening hours and booked an appointment.',
    recordingUrl: null,
    transcriptUrl: null,
    createdAt: ago(60),
    updatedAt: ago(1),
  };
  return Buffer.from(JSON.stringify({ event: 'call.ended', timestamp: now.toISOString(), data }));
}

/** The request of this number, of any run; `sent` are those before it. */
export function requestAt(index: number, sent: readonly Request[], now: Date): Request {
  const isOversized = index % OVERSIZED_EVERY === OVERSIZED_EVERY - 1;
  const kind = isOversized ? 'oversized' : (ROUND[index % ROUND.length] ?? 'hint');
  const id = `${kind}-${index}`;
  const signed = (body: Buffer, secret = SECRETS.signed): Request => ({
    kind,
    connection: 'signed',
    id,
    headers: { 'x-webhook-signature': hmac(secret, body) },
    body,
  });
  switch (kind) {
    case 'carrying':
    case 'astray':
      return signed(carried(id, now));
    case 'forged':
      return signed(carried(id, now), 'whsec_guessed');
    case 'garbage':
      return signed(Buffer.from(`{"half": ${index % GARBAGE_VARIANTS}`));
    case 'oversized':
      return signed(OVERSIZED);
    case 'replayed': {
      const earlier = sent.findLast((request) => request.kind === 'carrying');
      return earlier ? { ...earlier, kind } : signed(Buffer.from('{}'));
    }
    case 'hint': {
      const body = Buffer.from(JSON.stringify({ eventType: 'call.ended', callId: id }));
      return {
        kind,
        connection: 'plain',
        id,
        headers: { authorization: `Token ${SECRETS.plain}` },
        body,
      };
    }
    case 'stale': {
      const seconds = String(Math.floor(now.getTime() / 1000) - 600);
      const body = Buffer.from(JSON.stringify({ event: 'call.completed', id }));
      const signature = hmac(SECRETS.timed, `${seconds}.`, body);
      return {
        kind,
        connection: 'timed',
        id,
        headers: { 'x-signature': signature, 'x-time': seconds },
        body,
      };
    }
  }
}
