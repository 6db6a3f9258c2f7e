import { blankCall } from '../calls/forgotten.ts';
import type { StoredCall } from '../calls/version.ts';
import { announcements } from '../events/announcements.ts';
import type { CallEvent, Event } from '../events/event.ts';

/**
 * The `source` of canaries on the bus, so that no rule of another system's sees them; and the connection
 * that they are of: no configured one can be called so, because ids hold no dots.
 */
export const CANARY_SOURCE = 'callwire.canary';

/** The null destination: its kind, and the id of the only one there is. */
export const CANARY_DESTINATION = 'canary';

/** True for what only tests the way of a call, and is to be left out of whatever people look at. */
export const isCanaryCall = ({ connection }: { readonly connection: string }): boolean =>
  connection === CANARY_SOURCE;

export const isCanary = (event: Event): boolean => 'call' in event && isCanaryCall(event.call);

/** The call that is sent at an instant: over as soon as it began, named by when that was. */
export function canaryCall(sentAt: Date): StoredCall {
  const at = sentAt.toISOString();
  return {
    call: {
      ...blankCall({ connection: CANARY_SOURCE, provider: 'callwire', id: at }),
      outcome: 'completed',
      status: 'completed',
      createdAt: at,
      startedAt: at,
      endedAt: at,
      durationSeconds: 0,
    },
    version: 1,
    seenAt: at,
    receivedAt: at,
    recordedAt: at,
    firstSeenAt: at,
    revision: 1,
    outcomes: [{ outcome: 'completed', revision: 1 }],
    changes: [],
    via: 'poll',
    silent: false,
    late: false,
    staleAt: null,
    withheld: [],
    rowPrint: null,
    raw: null,
    forgotten: false,
  };
}

/** What is announced of a canary, as of any call. */
export function canaryEvent(canary: StoredCall): CallEvent {
  const [event] = announcements(undefined, canary);
  if (!event) throw new Error('A canary is always announced');
  return event;
}
