// Generated from lib/events/event.ts by `npm run contract`. Types only: import type { Event } from 'callwire/events'.

/**
 * detail of every event that Callwire puts on its bus.
 */
export type Event = CallEvent | ConnectionEvent | DeliveryEvent;
export type Json =
  | string
  | number
  | boolean
  | null
  | Json[]
  | {
      [k: string]: Json;
    };

/**
 * What became of a call.
 */
export interface CallEvent {
  /**
   * The same for ever: over retries, replays, redeploys and however the fact was learned. Who has seen an id may drop it.
   */
  id: string;
  /**
   * Another number: something that would break a consumer of this one.
   */
  schemaVersion: 1;
  /**
   * 1 at the first final write of a call, one more for each material change; 0 for what is not about a final call. Of two events of a call, the higher one is newer.
   */
  revision: number;
  /**
   * When it happened at the provider, as far as the provider says.
   */
  occurredAt: string;
  /**
   * When it was committed by Callwire.
   */
  recordedAt: string;
  /**
   * True when it is told again on request.
   */
  replay: boolean;
  /**
   * The id of the announcement that this one corrects.
   */
  corrects: string | null;
  /**
   * Names of the fields that this revision changed.
   */
  changes: string[];
  /**
   * True when something was cut to keep the event under 20 KB.
   */
  truncated?: boolean;
  /**
   * completed: a conversation took place and ended. failed: it did not. updated: a final call changed. stale: it has been open for too long.
   */
  type: 'call.completed' | 'call.failed' | 'call.updated' | 'call.stale';
  /**
   * The call as it is now. What may not leave, or nobody knows, is null.
   */
  call: Call;
}
export interface Call {
  /**
   * The account at a provider; it and id together are the identity of a call.
   */
  connection: string;
  provider: string;
  /**
   * The id that the provider gave the call.
   */
  id: string;
  /**
   * completed: a conversation took place and ended. failed: it did not. Both are final.
   */
  outcome: 'open' | 'completed' | 'failed';
  status:
    | 'queued'
    | 'ringing'
    | 'in_progress'
    | 'completed'
    | 'transferred'
    | 'no_answer'
    | 'busy'
    | 'canceled'
    | 'failed'
    | 'unknown';
  /**
   * Why a call failed: dotted and stable, such as no_answer or provider.error.
   */
  reason: string | null;
  /**
   * The word of the provider for the status.
   */
  providerStatus: string | null;
  direction: ('inbound' | 'outbound') | null;
  channel: string | null;
  /**
   * The voice agent.
   */
  agent: {
    id: string | null;
    name: string | null;
  };
  from: string | null;
  to: string | null;
  /**
   * The number of the person, whoever called whom. Known even where the direction is not.
   */
  contactNumber: string | null;
  /**
   * The number of the agent, whoever called whom.
   */
  agentNumber: string | null;
  /**
   * The person, as the provider names them.
   */
  contactId: string | null;
  createdAt: string | null;
  startedAt: string | null;
  answeredAt: string | null;
  endedAt: string | null;
  durationSeconds: number | null;
  /**
   * Cut at 4 KB.
   */
  summary: string | null;
  recordingUrl: string | null;
  transcriptUrl: string | null;
  /**
   * A page about this call for people.
   */
  url: string | null;
  /**
   * Facts that only this provider has, such as title or leadQualification.
   */
  attributes: {
    [k: string]: Json;
  };
}
/**
 * How it goes with an account at a provider.
 */
export interface ConnectionEvent {
  /**
   * The same for ever: over retries, replays, redeploys and however the fact was learned. Who has seen an id may drop it.
   */
  id: string;
  /**
   * Another number: something that would break a consumer of this one.
   */
  schemaVersion: 1;
  /**
   * 1 at the first final write of a call, one more for each material change; 0 for what is not about a final call. Of two events of a call, the higher one is newer.
   */
  revision: number;
  /**
   * When it happened at the provider, as far as the provider says.
   */
  occurredAt: string;
  /**
   * When it was committed by Callwire.
   */
  recordedAt: string;
  /**
   * True when it is told again on request.
   */
  replay: boolean;
  /**
   * The id of the announcement that this one corrects.
   */
  corrects: string | null;
  /**
   * Names of the fields that this revision changed.
   */
  changes: string[];
  /**
   * True when something was cut to keep the event under 20 KB.
   */
  truncated?: boolean;
  /**
   * failing: its calls are not seen any more, or none came for longer than expected. recovered: that is over. provider.drifted: its records differ from what its pages describe.
   */
  type: 'connection.failing' | 'connection.recovered' | 'provider.drifted';
  /**
   * An account at a provider.
   */
  connection: {
    id: string;
    provider: string;
    /**
     * key_refused, rate_limited, unreachable, shape_changed, provider_error and the like; silent, lagging; for drift, and when it is over, drifted.
     */
    reason: string;
    since: string;
    /**
     * For provider.drifted: what drifted.
     */
    field?: string;
    /**
     * For provider.drifted: the rule it broke, or the word nobody had met.
     */
    rule?: string;
  };
}
/**
 * How it goes with a destination.
 */
export interface DeliveryEvent {
  /**
   * The same for ever: over retries, replays, redeploys and however the fact was learned. Who has seen an id may drop it.
   */
  id: string;
  /**
   * Another number: something that would break a consumer of this one.
   */
  schemaVersion: 1;
  /**
   * 1 at the first final write of a call, one more for each material change; 0 for what is not about a final call. Of two events of a call, the higher one is newer.
   */
  revision: number;
  /**
   * When it happened at the provider, as far as the provider says.
   */
  occurredAt: string;
  /**
   * When it was committed by Callwire.
   */
  recordedAt: string;
  /**
   * True when it is told again on request.
   */
  replay: boolean;
  /**
   * The id of the announcement that this one corrects.
   */
  corrects: string | null;
  /**
   * Names of the fields that this revision changed.
   */
  changes: string[];
  /**
   * True when something was cut to keep the event under 20 KB.
   */
  truncated?: boolean;
  /**
   * failing: nothing arrives at a destination any more; what is meant for it is kept. recovered: it does again.
   */
  type: 'delivery.failing' | 'delivery.recovered';
  /**
   * A destination, and what is wrong with it.
   */
  delivery: {
    destination: string;
    reason: string;
    since: string;
  };
}
