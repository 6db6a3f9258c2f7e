import type { DestinationSettings } from '../config/settings.ts';
import type { Sender } from '../destinations/destination.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../time.ts';
import type { Breakers } from './breaker-book.ts';
import type { DeliveryMessage } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { IncidentBook } from './incident-book.ts';
import type { PaceBook } from './pace-book.ts';

/** A queue that shows a message after at most 900 seconds, which is what SQS can do. */
export interface DelayedQueue {
  send(message: DeliveryMessage, delaySeconds: number): Promise<void>;
}

/** What was read a little while ago will do, unless it has to be `fresh`. */
export interface Freshness {
  readonly fresh: boolean;
}

export interface DeliverDeps {
  readonly store: DeliveryStore;
  readonly paceBook: PaceBook;
  readonly incidents: IncidentBook;
  readonly sender: Sender;
  /** The queue that `deliver` itself reads. */
  readonly queue: DelayedQueue;
  /** The queue of another kind, for fallbacks; undefined where this deployment has none. */
  readonly queueOf: (kind: string) => DelayedQueue | undefined;
  /** A configured destination's settings; undefined when there is no such destination. */
  readonly settingsOf: (
    destination: string,
    options: Freshness,
  ) => Promise<DestinationSettings | undefined>;
  /** The secret behind a reference. Throws a PermanentError when there is none. */
  readonly secretOf: (reference: string, options: Freshness) => Promise<string>;
  readonly breakers: Breakers;
  readonly now: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Counts one of something, by destination kind. */
  readonly count: (metric: 'DeliveriesParked' | 'DestinationsFailing', kind: string) => void;
}
