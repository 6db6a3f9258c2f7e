import * as z from 'zod';
import {
  type DestinationDefinition,
  defineDestination,
  destinationFields,
  type Finding,
  type IncidentRules,
  type Receipt,
} from '../../lib/destinations/destination.ts';
import { PermanentError, TransientError } from '../../lib/errors.ts';
import type { Random } from '../../lib/local/simulators/random.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';

/** The kinds of receivers that there are, each the hardest of its sort. */
export const receiverKinds = ['crm', 'webhook', 'slack'] as const;
export type ReceiverKind = (typeof receiverKinds)[number];

/** The other side: what it has taken, and what it answers, which need not be the same. */
export interface Receiver {
  readonly definition: DestinationDefinition;
  /** How often it has taken each event. */
  readonly taken: ReadonlyMap<string, number>;
  /** What becomes of a request, of one event or of many, when it arrives. @throws what the sender makes of its answer */
  take(...eventIds: string[]): Receipt;
  /** Undefined: it tells repeats apart by itself, so nobody asks. */
  readonly find: ((eventId: string) => Finding) | undefined;
}

/** All calls that fail are one incident; what is learned of them later is told by itself. */
const incidents: IncidentRules = {
  of: ({ type }) => (type === 'call.failed' ? { key: 'failed', ends: 'when-quiet' } : undefined),
  mostAtOnce: 3,
  quietMs: () => 15 * MINUTE_MS,
  repeatMs: () => HOUR_MS,
  hasThreads: () => true,
  amendPace: () => ({ key: 'amend', everyMs: 1_500 }),
};

const definitionOf = (kind: ReceiverKind) =>
  defineDestination({
    kind,
    docs: 'https://example.com',
    settings: z.strictObject({ ...destinationFields, kind: z.literal(kind) }),
    audience: kind === 'slack' ? 'people' : 'systems',
    secrets: [],
    ...(kind === 'slack' && { incidents }),
    pace: kind === 'slack' ? () => ({ key: 'channel', everyMs: 1_000 }) : () => undefined,
  });

/** Of a hundred requests so many go wrong in each of the ways there are. */
const RATE = 0.06;

const UNREADABLE = { state: 'unknown', reason: 'missing_scope', fix: 'Look.' } as const;

/**
 * A receiver that is unreliable in every way. The CRM makes a record of whatever it is told, and can be read
 * back; chat does the same, and in one run of four cannot be read; a webhook knows what it has had.
 */
export function createReceiver(kind: ReceiverKind, random: Random): Receiver {
  const taken = new Map<string, number>();
  const isReadable = kind !== 'slack' || random.next() < 0.75;
  const fail = (): void => {
    const chance = random.next();
    if (chance < RATE)
      throw new TransientError('429', { reason: 'rate_limited', retryAfterMs: 5_000 });
    if (chance < 2 * RATE) throw new TransientError('503', { reason: 'provider_error' });
    if (chance < 3 * RATE) throw new TransientError('no answer');
  };
  return {
    definition: definitionOf(kind),
    taken,
    take: (...eventIds) => {
      fail();
      for (const id of eventIds) taken.set(id, (taken.get(id) ?? 0) + 1);
      if (random.next() < RATE) throw new TransientError('lost', { maybeDone: true });
      return { id: eventIds.join() };
    },
    find:
      kind === 'webhook'
        ? undefined
        : (eventId) => {
            if (!isReadable) return UNREADABLE;
            fail();
            return taken.has(eventId)
              ? { state: 'arrived', receipt: { id: eventId } }
              : { state: 'absent' };
          },
  };
}

/** What a destination answers that has been switched off, until a person switches it on again. */
export const switchedOff = () =>
  new PermanentError('token_revoked', 'Renew it.', { scope: 'destination' });
