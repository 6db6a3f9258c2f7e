import type { ConnectionSettings } from '../../lib/config/settings.ts';
import type { Event } from '../../lib/events/event.ts';
import { pollConnection } from '../../lib/polling/poll-connection.ts';
import type { PollDeps } from '../../lib/polling/ports.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import type { Provider } from '../../lib/providers/provider.ts';
import { connection, NOW } from './calls.ts';
import {
  memoryCalls,
  memoryPollStates,
  memoryQuarantine,
  memoryRawBucket,
} from './memory-calls.ts';
import { scriptedHamsa } from './scripted-hamsa.ts';

/** Half an hour: no poll of a test is out of time unless the test says so. */
const TIME_MS = 1_800_000;

/** One connection, its provider, its stores and a clock that stands still until it is told to go on. */
export function pollWorld(
  written: Record<string, unknown> = {},
  { provider = hamsa }: { provider?: Provider } = {},
) {
  let time = NOW.getTime();
  const now = () => new Date(time);
  const settings: ConnectionSettings = connection({ firstRun: 'all', ...written });
  const server = scriptedHamsa(now);
  const calls = memoryCalls();
  const states = memoryPollStates();
  const quarantine = memoryQuarantine();
  const raws = memoryRawBucket();
  let turn = 0;
  const deps: PollDeps = {
    calls,
    states,
    quarantine,
    raws,
    http: server.http,
    now,
    // Not random, but going round.
    random: () => {
      turn = (turn + 0.37) % 1;
      return turn;
    },
    secret: async () => 'sk-test',
    deadline: new Date(8.64e15),
  };
  return {
    settings,
    server,
    calls,
    states,
    quarantine,
    deps,
    now,
    /** Lets time pass. */
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
    /** An instant, so many seconds ago. */
    ago: (seconds: number) => new Date(time - seconds * 1000).toISOString(),
    poll: (other: Partial<PollDeps> = {}) =>
      pollConnection(settings, provider, { ...deps, deadline: new Date(time + TIME_MS), ...other }),
    state: () => {
      const state = states.states.get(settings.id);
      if (!state) throw new Error('Nothing was polled yet');
      return state;
    },
    announced: (): Event[] => calls.announced(),
    /** What was announced, as `type id`. */
    told: (): string[] =>
      calls
        .announced()
        .map(
          (event) =>
            `${event.type} ${'call' in event ? event.call.id : 'connection' in event ? event.connection.reason : ''}`,
        ),
  };
}
export type PollWorld = ReturnType<typeof pollWorld>;
