import type { RecordDeps } from '../calls/record-observation.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import type { Count, Log } from '../log.ts';
import type { Tick } from '../polling/tick.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from '../time.ts';

/** A connection that takes webhooks. */
export interface Target {
  readonly settings: ConnectionSettings;
  readonly provider: Provider;
  /** As the operator wrote it: what a tick carries. */
  readonly written: unknown;
}

/** A while during which a connection is polled for hints at its beginning and its end, not more. */
export interface HintWindow {
  /** Epoch milliseconds. */
  readonly until: number;
  /** The poll at its end has been asked for. */
  readonly isClosing: boolean;
}

export interface HintWindows {
  /** What was last written for certain. */
  read(connection: string): Promise<HintWindow | undefined>;
  /** Writes it if what is stored is still `before`. False: somebody else wrote meanwhile. */
  replace(connection: string, before: HintWindow | undefined, next: HintWindow): Promise<boolean>;
}

/** A webhook that nobody could make out. */
export interface Unattributed {
  /** As text, or base64 where it is none. */
  readonly body: string;
  readonly encoding: 'text' | 'base64';
  readonly rule: string;
}

/** Keeps them, to be looked at and sent again by hand. The same one twice is kept once. */
export interface UnattributedStore {
  keep(connection: string, webhook: Unattributed, at: Date): Promise<void>;
}

/** A webhook that is kept, as a list shows it. */
export interface KeptWebhook {
  readonly id: string;
  /** When it came. */
  readonly at: string;
  readonly rule: string;
}

/** Reads what is kept, and lets go of it. Apart from the store above: the function that keeps may not read. */
export interface KeptWebhooks {
  /** Those of a connection, the oldest first. */
  list(connection: string): Promise<readonly KeptWebhook[]>;
  /** As it came; undefined: it is not kept, or not any more. */
  read(connection: string, id: string): Promise<Unattributed | undefined>;
  remove(connection: string, id: string): Promise<void>;
}

export interface WebhookDeps extends RecordDeps {
  /** What the paths of this deployment are made of; no secret. */
  readonly deployment: string;
  /** Undefined: there is no such connection, or it takes no webhooks. */
  target(connection: string): Promise<Target | undefined>;
  /** The baseline of a connection; undefined: it was never polled. */
  baselineOf(connection: string): Promise<{ readonly baselineAt: string | null } | undefined>;
  /** The value behind a secret reference. @throws PermanentError or TransientError where it cannot be had */
  secret(reference: string): Promise<string>;
  readonly windows: HintWindows;
  readonly unattributed: UnattributedStore;
  sendTick(tick: Tick, options: { delaySeconds: number; group: string }): Promise<void>;
  readonly now: Clock;
  readonly log: Log;
  readonly count: Count;
}
