import * as z from 'zod';
import type { ConnectionSettings } from '../config/settings.ts';
import { connectionSchema } from '../config/settings.ts';
import { eachLimited } from '../each-limited.ts';
import type { Count, Log, LogLevel } from '../log.ts';
import { providerById } from '../providers/index.ts';
import { type PollReport, pollConnection } from './poll-connection.ts';
import type { PollDeps } from './ports.ts';

/** A request to poll some connections at one instant. Worth nothing once it has expired. */
export const tickSchema = z.object({
  dueAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** As the operator wrote them: a tick saves each poll the reading of its settings. */
  connections: z.array(z.unknown()),
  /** A webhook asked for it. */
  hinted: z.boolean().optional(),
});
export type Tick = z.infer<typeof tickSchema>;

/** Polls wait for providers, not for us, so many fit into one invocation. */
const PARALLEL_POLLS = 50;

export interface TickDeps extends PollDeps {
  readonly log: Log;
  readonly count: Count;
}

export interface TickReport {
  readonly polls: readonly PollReport[];
  /** Connections whose poll broke through a fault of ours. */
  readonly broken: number;
  /** True when the tick came too late to be worth anything. */
  readonly dropped: boolean;
}

/** A line of each poll would cost more than its reads, and what it found is in the calls themselves. */
function levelOf({ ok, quarantined, reason }: PollReport): LogLevel {
  if (!ok) return 'warn';
  return quarantined > 0 || reason !== undefined ? 'info' : 'debug';
}

const sumOf = (polls: readonly PollReport[], count: (poll: PollReport) => number): number =>
  polls.reduce((sum, poll) => sum + count(poll), 0);

/**
 * Polls the connections of a tick side by side. One that breaks does not keep the others from
 * being polled.
 */
export async function pollTick(tick: Tick, deps: TickDeps): Promise<TickReport> {
  const { log, count } = deps;
  const polls: PollReport[] = [];
  let broken = 0;
  if (deps.now().toISOString() > tick.expiresAt) {
    log('info', 'a tick came too late', { connections: tick.connections.length });
    return { polls, broken, dropped: true };
  }
  await eachLimited(tick.connections, PARALLEL_POLLS, async (written) => {
    let settings: ConnectionSettings | undefined;
    try {
      settings = connectionSchema.parse(written);
      const report = await pollConnection(settings, providerById(settings.provider), {
        ...deps,
        via: tick.hinted ? 'hint' : undefined,
        dueAt: new Date(tick.dueAt),
      });
      polls.push(report);
      log(levelOf(report), 'polled', report);
    } catch (error) {
      broken += 1;
      log('error', 'a poll broke', {
        connection: settings?.id,
        error: error instanceof Error ? error.name : 'unknown',
        reason: error instanceof Error ? error.message : undefined,
      });
    }
  });
  // Failures of the other side are in the state of their connection, and dispatch counts those.
  if (broken > 0) count('ConnectionsFailing', broken);
  const requests = sumOf(polls, (poll) => poll.requests + poll.detailRequests);
  log(
    'info',
    'tick done',
    { polls: polls.length, requests, changed: sumOf(polls, ({ changed }) => changed) },
    { Polls: [polls.length], Requests: [requests] },
  );
  const quarantined = sumOf(polls, (poll) => poll.quarantined);
  if (quarantined > 0) count('RecordsQuarantined', quarantined);
  return { polls, broken, dropped: false };
}
