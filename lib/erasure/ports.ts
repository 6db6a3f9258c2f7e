import type { CallKey } from '../calls/call.ts';
import type { CallStore } from '../calls/call-store.ts';
import type { UnreadableItem } from '../calls/unreadable-item.ts';
import type { StoredCall } from '../calls/version.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Incident } from '../delivery/incident.ts';
import type { CallEvent } from '../events/event.ts';

/** Pages of what a whole store holds, read as they are taken. */
export type Pages<T> = AsyncIterable<readonly T[]>;

/** The bucket of records that are too large to lie beside what they belong to. */
export interface ObjectStore {
  keys(prefix: string): Pages<string>;
  /** The text that was put there; undefined: nothing is there. */
  read(key: string): Promise<string | undefined>;
  remove(key: string): Promise<void>;
}

/** A record in quarantine, or a webhook that nobody could make out. */
export interface SetAside {
  readonly connection: string;
  /** Names it in its store. */
  readonly name: string;
  /** Of the call that it is about, where that could be read. */
  readonly callId: string | undefined;
  /** When it was seen. */
  readonly at: string;
  /** What it says, while that is small; else the object that does. */
  readonly text: string | undefined;
  readonly rawKey: string | undefined;
}

/** An item in the store of calls that nobody can read as what it should be. */
export interface UnreadableCall {
  readonly unreadable: UnreadableItem;
  /** What it says, as far as it can be unpacked. */
  readonly text: string;
  /** False: part of it cannot be unpacked, and may say anything. */
  readonly isWhole: boolean;
  readonly rawKey: string | undefined;
  /** As far as they can be read; else none. */
  readonly version: number;
  readonly revision: number;
  /** Its version as it lies there, whatever it is: who writes in its place must have seen the last one. */
  readonly writtenVersion: unknown;
}

/** Everything that an erasure has to go through. */
export interface ErasureStores {
  readonly calls: CallStore & {
    all(): Pages<StoredCall | UnreadableCall>;
    /** What was last written of a call for certain, also if nobody can read it. */
    look(key: CallKey): Promise<StoredCall | UnreadableCall | undefined>;
    /** Writes a version in the place of what nobody can read. False: somebody else wrote meanwhile. */
    writeOver(before: UnreadableCall, next: StoredCall): Promise<boolean>;
  };
  readonly objects: ObjectStore;
  readonly setAside: {
    all(): Pages<SetAside>;
    remove(one: SetAside): Promise<void>;
  };
  readonly deliveries: {
    all(): Pages<Delivery>;
    ofSubject(subject: string): Promise<readonly Delivery[]>;
    /** Writes a row in the place of whatever is there, also where a worker has it. */
    replace(row: Delivery, now: Date): Promise<void>;
    /** Writes a row where there is none. */
    add(row: Delivery, now: Date): Promise<void>;
  };
  readonly incidents: {
    all(): Pages<Incident>;
    /** Puts another text in the place of the event that began it. */
    reword(incident: Incident, opener: CallEvent): Promise<void>;
  };
  /** Calls whose erasure was begun: whoever was stopped in the middle goes on with them. */
  readonly begun: {
    all(): Promise<readonly CallKey[]>;
    add(key: CallKey): Promise<void>;
    remove(key: CallKey): Promise<void>;
  };
}
