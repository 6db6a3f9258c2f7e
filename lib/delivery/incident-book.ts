import type { Receipt } from '../destinations/destination.ts';
import type { Event } from '../events/event.ts';
import type { Delivery, DeliveryKey } from './delivery.ts';
import type { Incident, IncidentKey } from './incident.ts';

/** What a request that was made means for its incident. */
export interface IncidentChange {
  /** So many more of its events have been told. */
  readonly told: number;
  readonly lastAt: string;
  readonly at: Date;
  /** Everybody was shown it. */
  readonly shown: boolean;
  /** It is over. */
  readonly ends: boolean;
}

/**
 * Where incidents are kept, beside the deliveries that belong to them. Its suite is
 * `test/delivery/incident-book.contract.ts`.
 */
export interface IncidentBook {
  read(ref: IncidentKey): Promise<Incident | undefined>;
  /**
   * Begins an incident in the place of `over`, or where there was none, in one conditional write.
   *
   * @returns what is there afterwards, whoever began it
   */
  begin(
    ref: IncidentKey,
    opener: Event,
    now: Date,
    over: Incident | undefined,
  ): Promise<Incident | undefined>;
  /** Its first message was sent: from now on others are told under it. Saying so twice changes nothing. */
  open(incident: Incident, parent: Receipt, now: Date): Promise<void>;
  /**
   * Says when those that wait are told next, and by whose message.
   *
   * @returns false when somebody else has said so since `incident` was read
   */
  plan(incident: Incident, flush: { readonly at: Date; readonly by: string }): Promise<boolean>;
  /**
   * Writes down deliveries that were made, and what they change in their incident, all of it or nothing:
   * so each is counted once, whoever dies. An incident that is gone is left out.
   *
   * @returns those that another worker has taken over, which are not written
   */
  settle(
    rows: readonly Delivery[],
    incident: Incident,
    change: IncidentChange,
  ): Promise<readonly Delivery[]>;
  /** Ends it without a word: its first message could not be sent, or is gone. */
  close(incident: Incident): Promise<void>;
  /** Deliveries that wait to be told in it, the one that is due first before the others. */
  members(ref: IncidentKey, limit: number): Promise<readonly DeliveryKey[]>;
}
