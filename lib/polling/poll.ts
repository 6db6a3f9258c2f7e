import type { VersionPolicy } from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import type { JsonAnswer } from '../http.ts';
import type { Provider, ProviderRequest } from '../providers/provider.ts';
import type { DriftSeen } from './drift.ts';
import type { Learned } from './pace.ts';
import type { Enrichment, RememberedCall } from './poll-state.ts';
import type { PollDeps } from './ports.ts';
import type { Recents } from './recents.ts';

export interface PollCounts {
  requests: number;
  detailRequests: number;
  rows: number;
  changed: number;
  final: number;
  silent: number;
  late: number;
  quarantined: number;
}

/** One poll of one connection while it goes on: what it was given, and what it has learned. */
export interface Poll {
  readonly settings: ConnectionSettings;
  readonly provider: Provider;
  readonly policy: Omit<VersionPolicy, 'now'>;
  readonly recents: Recents;
  /** When final calls without any date are taken to have ended: before the first poll, as long as that goes on. */
  readonly undatedEnd: string | null;
  readonly counts: PollCounts;
  /** What it found out about when calls come and how long they last. */
  readonly learned: Learned;
  /** What it found out about what can be read, and how often what drifted was mended before. */
  readonly drift: DriftSeen;
  readonly driftsEnded: number;
  /** When a poll last saw a call change. */
  readonly lastChangeAt: string;
  readonly open: Map<string, RememberedCall>;
  readonly enrich: Map<string, Enrichment>;
  /** Calls that this poll saw become final, or gave up on. */
  readonly settled: Set<string>;
  /** Calls known before of which this poll wrote a version. */
  readonly rewritten: Set<string>;
  /** What broke while single rows were recorded; the poll goes on, and throws at its end. */
  readonly faults: unknown[];
  /** True while there are more open calls than a state remembers by id. */
  readonly hasMoreOpen: boolean;
  /** Calls that this poll has looked at, in the list or by id. */
  readonly looked: Set<string>;
  readonly deps: PollDeps;
  ask(request: ProviderRequest, timeoutMs: number): Promise<JsonAnswer>;
}
