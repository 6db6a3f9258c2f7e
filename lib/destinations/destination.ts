import * as z from 'zod';
import { type Withholdable, withholdable } from '../calls/withhold.ts';
import type { CheckFinding } from '../check/check-finding.ts';
import { duration } from '../config/duration.ts';
import { destinationBaseSchema, webAddressSchema } from '../config/settings.ts';
import { PermanentError } from '../errors.ts';
import type { Event } from '../events/event.ts';

/** Settings that every kind of destination has; a kind adds its own to them. */
export const destinationFields = {
  id: destinationBaseSchema.shape.id,
  /** Another host than the vendor's: for tests, proxies and simulated services. */
  baseUrl: webAddressSchema.optional(),
  /** The destination that is told instead when this one cannot be. */
  fallback: destinationBaseSchema.shape.id.optional(),
  /** For how long this one may fail before that one is told; 5m where it is not written. */
  fallbackAfter: duration({ min: '1m', max: '7d' }).optional(),
  /** What of a call does not leave for there; taken out before anything of the kind sees the event. */
  omit: z.array(z.enum(withholdable)).optional(),
};

/** What the delivery engine reads of any destination's settings. */
export interface CommonSettings {
  readonly id: string;
  readonly kind: string;
  readonly fallback?: string | undefined;
  /** In milliseconds. */
  readonly fallbackAfter?: number | undefined;
  readonly omit?: readonly Withholdable[] | undefined;
}

/** At most one request in `everyMs` over all workers that share `key`. */
export interface Pace {
  readonly key: string;
  readonly everyMs: number;
}

/** What an event is part of: events with one key tell of one trouble. */
export interface IncidentPart {
  readonly key: string;
  /** What ends the incident: that nothing more comes, another event, or this very one. */
  readonly ends: 'when-quiet' | 'by-event' | 'now';
}

/** How a kind of destination tells of many events that have one cause without a message for each. */
export interface IncidentRules<Settings extends CommonSettings = CommonSettings> {
  /** Undefined: the event is told by itself. */
  of(event: Event, settings: Settings): IncidentPart | undefined;
  /** So many events fit into one request, whatever they hold. */
  readonly mostAtOnce: number;
  /** An incident that nothing was added to for this long is over. */
  quietMs(settings: Settings): number;
  /** After this long whoever reads there is told again that it goes on. */
  repeatMs(settings: Settings): number;
  /** Whether what comes later can be put under the first message, and the first be changed. */
  hasThreads(settings: Settings): boolean;
  /** The pace of changing messages; that of sending them is `pace`. */
  amendPace(settings: Settings): Pace | undefined;
}

/** A setting that is asked for when a destination is set up. */
export interface SetupQuestion {
  readonly setting: string;
  readonly ask: string;
  readonly example?: string;
  /** Of a secret: the variable that is proposed for it, and what its value looks like in a shell. */
  readonly secret?: { readonly variable: string; readonly value: string };
}

/** One way to set a kind of destination up. */
export interface SetupWay {
  /** A word of its own among all ways: `slack`. */
  readonly name: string;
  readonly label: string;
  /** What the destination is called unless that is taken. */
  readonly id: string;
  readonly questions: readonly SetupQuestion[];
}

/** What is known of a kind of destination without talking to it: read by infra, configuration and delivery. */
export interface DestinationDefinition<Settings extends CommonSettings = CommonSettings> {
  readonly kind: string;
  /** The vendor's page about the request that delivers. */
  readonly docs: string;
  /** People are alerted, and can be spared it; systems keep what they are told. */
  readonly audience: 'people' | 'systems';
  readonly settings: z.ZodType<Settings>;
  /** Names of the settings that are references to secrets. */
  readonly secrets: readonly string[];
  /** How `callwire init` sets it up; undefined: by hand only. */
  readonly setup?: readonly SetupWay[];
  /**
   * What becomes of an event that is replayed and was never told here. `skip`: nothing, because people would
   * be alerted again. `read-back`: it is looked for, and told only where it did not arrive. Undefined: it is
   * sent, marked as a replay, and its receiver knows its id.
   */
  readonly replay?: 'skip' | 'read-back';
  /** Undefined: the vendor sets no pace. */
  pace(settings: Settings): Pace | undefined;
  /** What these settings make impossible, for who writes them; undefined: nothing. */
  caveat?(settings: Settings): string | undefined;
  /** Undefined: each event is told by itself. Its sender has `incidents` as well. */
  readonly incidents?: IncidentRules<Settings>;
}

/** Infers a definition's types, so that neither its author nor the list has to write them. */
export const defineDestination = <Settings extends CommonSettings>(
  definition: DestinationDefinition<Settings>,
): DestinationDefinition<Settings> => definition;

/** Proof of a delivery, in the vendor's own names: what is needed to find or change it later. */
export type Receipt = Readonly<Record<string, string>>;

/** One destination, with everything needed to talk to it. */
export interface Target<Settings extends CommonSettings = CommonSettings> {
  readonly settings: Settings;
  /** Values of the settings that `secrets` names. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** One event for one destination, with everything needed to send it. */
export interface Outgoing<Settings extends CommonSettings = CommonSettings>
  extends Target<Settings> {
  readonly event: Event;
  /** First messages under which it may stand, for `find`. */
  readonly threads?: readonly Receipt[];
}

/** Where an incident stands. */
export interface IncidentStanding {
  /** The event that began it. */
  readonly opener: Event;
  /** How many events it has, those about to be told among them. */
  readonly count: number;
  /** When it had an event last. */
  readonly lastAt: string;
  /** Undefined while it goes on. */
  readonly endedAt?: string | undefined;
}

/** What there is to say of an incident after its first message. */
export interface IncidentOutgoing<Settings extends CommonSettings = CommonSettings>
  extends Outgoing<Settings> {
  /** What is new; empty where it only ends. */
  readonly events: readonly Event[];
  readonly standing: IncidentStanding;
  /** The receipt of its first message. */
  readonly parent: Receipt;
  /** Everybody is to see it, not only who follows the incident. */
  readonly broadcast: boolean;
}

/** What became of an attempt whose answer was lost. */
export type Finding =
  | { readonly state: 'arrived'; readonly receipt: Receipt }
  | { readonly state: 'absent' }
  /** The destination does not say; `reason` is a stable word and `fix` a sentence for people. */
  | { readonly state: 'unknown'; readonly reason: string; readonly fix: string };

/** The first message of an incident is gone or takes no replies any more: the next event begins another. */
export class IncidentLostError extends PermanentError {}

/**
 * Talks to one kind of destination. No method waits or tries again: all throw a TransientError
 * or a PermanentError, whose message is a sentence that tells a person what to do, and leave the rest
 * to the delivery engine. No message of theirs holds a body, a query or a secret.
 */
export interface Sender<Settings extends CommonSettings = CommonSettings> {
  readonly definition: DestinationDefinition<Settings>;
  /** Delivers once. `maybeDone` of a TransientError says that it may have arrived all the same. */
  send(outgoing: Outgoing<Settings>): Promise<Receipt>;
  /**
   * Reads back whether an attempt made after `since` arrived. A sender without it promises that
   * sending again is harmless, because its receiver tells repeats apart by the event's id.
   */
  find?(outgoing: Outgoing<Settings>, since: Date): Promise<Finding>;
  /** The same for replays, of a sender without `find`: what is there already shall not even be written again. */
  readBack?(outgoing: Outgoing<Settings>, since: Date): Promise<Finding>;
  /** Looks whether events would be taken there, telling and changing nothing. */
  probe?(target: Target<Settings>): Promise<readonly CheckFinding[]>;
  /** Tells that this is a test and nothing else. Undefined: it would stay there as if it were a call. */
  sendTest?(target: Target<Settings>): Promise<void>;
  /** Where the definition has `incidents`. */
  readonly incidents?: {
    /** Names all `events`, in one request. @throws IncidentLostError */
    reply(outgoing: IncidentOutgoing<Settings>): Promise<Receipt>;
    /** Brings the first message up to date; doing it twice is harmless. */
    amend(outgoing: IncidentOutgoing<Settings>): Promise<void>;
  };
}
