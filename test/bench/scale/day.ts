import { type ConnectionSettings, connectionSchema } from '../../../lib/config/settings.ts';
import { createRandom, type Random } from '../../../lib/local/simulators/random.ts';
import { type DispatchDeps, dispatchPolls } from '../../../lib/polling/dispatch-polls.ts';
import type { PollState } from '../../../lib/polling/poll-state.ts';
import { dueInstants } from '../../../lib/polling/schedule.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../lib/time.ts';
import { ASSUMPTIONS } from '../cost/assumptions.ts';
import {
  connectionsOf,
  hourlyShare,
  statesOf,
  type WrittenConnection,
} from '../cost/population.ts';
import type { ModelMessage } from './queue-model.ts';

export const QUIET_HOST = 'quiet.example';
const NOISY_HOST = 'noisy.example';
const QUIET_CONNECTIONS = 50;

/** A provider that hangs: a request of so many times out after 20 s. */
const HANGING_SHARE = 0.001;
const TIMEOUT_MS = 20 * SECOND_MS;
const OVERHEAD_MS = 60;

export interface DayMessage extends ModelMessage {
  /** When each of its polls was due, by the schedule. */
  readonly dueAt: readonly number[];
}

export interface Day {
  readonly messages: readonly DayMessage[];
  readonly polls: number;
  readonly noisyShare: number;
}

type Sent = Parameters<DispatchDeps['send']>[0][number];

/**
 * A day of production's dispatch over so many connections: one tenant that makes about half of all polls, one
 * quiet one, and everybody else. Calls change the states as a poll would have written it.
 */
export async function simulateDay(
  { connections: count, hours, seed }: { connections: number; hours: number; seed: number },
  progress: (minute: number, of: number) => void,
): Promise<Day> {
  const random = createRandom(seed);
  const start = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const all = connectionsOf(count);
  const connections = withTenants(all, pollsAMinute(all, start, seed));
  const settings = new Map(connections.map((each) => [each.id, connectionSchema.parse(each)]));
  const states = new Map(
    [...statesOf(connections, new Date(start), seed)].map(([id, { state }]) => [id, state]),
  );
  const rates = new Map(
    connections.map(({ id }) => [id, (30 * Math.exp(1.8 * normal(random))) / (24 * 60)]),
  );
  const messages: DayMessage[] = [];
  const minutes = hours * 60;
  for (let minute = 0; minute < minutes; minute += 1) {
    const at = new Date(start + minute * MINUTE_MS);
    for (const [id, state] of states)
      states.set(id, changed(state, rates.get(id) ?? 0, at, random));
    const sent: Sent[] = [];
    await dispatchPolls(at, {
      connections: async () => connections,
      states: async () => states,
      send: async (ticks) => {
        sent.push(...ticks);
      },
      // Sweeps have a queue of their own.
      sendSweeps: async () => {},
      now: () => at,
      log: () => {},
      count: () => {},
    });
    for (const each of sent) messages.push(messageOf(each, at, settings, states, random));
    progress(minute + 1, minutes);
  }
  const polls = messages.reduce((sum, { dueAt }) => sum + dueAt.length, 0);
  const noisy = messages.reduce(
    (sum, { group, dueAt }) => sum + (group === NOISY_HOST ? dueAt.length : 0),
    0,
  );
  return { messages, polls, noisyShare: noisy / polls };
}

/** Polls a minute that the schedule gives to all of them, as they are at the start. */
function pollsAMinute(all: readonly WrittenConnection[], start: number, seed: number): number {
  const states = statesOf(all, new Date(start), seed);
  const until = new Date(start + HOUR_MS);
  const polls = all.reduce((sum, each) => {
    const state = states.get(each.id)?.state;
    return sum + dueInstants(connectionSchema.parse(each), state, new Date(start), until).length;
  }, 0);
  return polls / 60;
}

function withTenants(all: readonly WrittenConnection[], perMinute: number): WrittenConnection[] {
  // So many, polled each minute, make as many polls as those who are left.
  const noisy = Math.round(perMinute / (1 + perMinute / all.length));
  return all.map((each, at) => {
    if (at < QUIET_CONNECTIONS) return { ...each, baseUrl: `https://${QUIET_HOST}` };
    if (at >= all.length - noisy) {
      return { ...each, baseUrl: `https://${NOISY_HOST}`, poll: { every: '1m', max: '1m' } };
    }
    return each;
  });
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** The state a minute later: a call may have begun, and one that was open may be over. */
function changed(state: PollState, perMinute: number, at: Date, random: Random): PollState {
  const instant = at.toISOString();
  if (state.open.length > 0) {
    return random.next() < 0.5 ? { ...state, open: [], lastChangeAt: instant } : state;
  }
  if (random.next() >= perMinute * hourlyShare((at.getTime() % DAY_MS) / HOUR_MS)) return state;
  return { ...state, open: [{ id: 'call', since: instant }], lastChangeAt: instant };
}

function messageOf(
  { tick, delaySeconds, group }: Sent,
  at: Date,
  settings: ReadonlyMap<string, ConnectionSettings>,
  states: ReadonlyMap<string, PollState>,
  random: Random,
): DayMessage {
  const visibleAt = at.getTime() + delaySeconds * SECOND_MS;
  const until = new Date(at.getTime() + MINUTE_MS);
  const dueAt = tick.connections.map((written) => {
    const known = settings.get(String(Object(written).id));
    if (!known) throw new Error('A tick for a connection that nobody has');
    const due = dueInstants(known, states.get(known.id), at, until);
    // The one of its instants that this message is for: the last before it leaves.
    return due.filter((instant) => instant <= visibleAt).at(-1) ?? visibleAt;
  });
  const busyMs = OVERHEAD_MS + Math.max(...dueAt.map(() => answerMs(random)));
  return { visibleAt, group, busyMs, dueAt };
}

const answerMs = (random: Random): number =>
  random.next() < HANGING_SHARE
    ? TIMEOUT_MS
    : ASSUMPTIONS.providerMedianMs * Math.exp(ASSUMPTIONS.providerSigma * normal(random));
