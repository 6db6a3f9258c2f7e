import { connectionSchema } from '../../../lib/config/settings.ts';
import { createRandom } from '../../../lib/local/simulators/random.ts';
import { type Pace, priorPace } from '../../../lib/polling/pace.ts';
import { initialState, type PollState } from '../../../lib/polling/poll-state.ts';
import { DAY_MS } from '../../../lib/time.ts';

/** What operators write of a connection. */
export interface WrittenConnection {
  readonly id: string;
  readonly provider: string;
  readonly key: string;
  readonly [field: string]: unknown;
}

const PROVIDERS = ['hamsa', 'hamsa', 'vozagent', 'samva', 'solum'];
const OPEN_SHARE = 0.04;

/** Days that a count which is halved each day is worth when it has long been kept. */
const STEADY_DAYS = 1 / Math.LN2;

/** What polling has learned of a connection after some weeks: its rate, lengths around two minutes, busy days. */
function learnedPace(callsPerDay: number): Pace {
  const known = Math.min(200, Math.ceil(callsPerDay * 14));
  const share = [0, 0, 0.02, 0.08, 0.22, 0.33, 0.22, 0.09, 0.03, 0.01];
  return {
    calls: callsPerDay * STEADY_DAYS,
    days: STEADY_DAYS,
    lengths: priorPace.lengths.map((_none, at) => Math.round(known * (share[at] ?? 0))),
    hours: priorPace.hours.map((_none, hour) =>
      Math.round(((callsPerDay * 7) / 24) * hourlyShare(hour)),
    ),
    requests: 1,
  };
}

/** Calls come by day: the rate of an hour against the mean. */
export const hourlyShare = (hour: number): number =>
  1 + 0.9 * Math.sin((2 * Math.PI * (hour - 8)) / 24);

/** As many connections as wanted, with the settings of a real file. */
export const connectionsOf = (count: number): WrittenConnection[] =>
  Array.from({ length: count }, (_, at) => {
    const id = `clinic-${String(at).padStart(5, '0')}`;
    return {
      id,
      provider: PROVIDERS[at % PROVIDERS.length] ?? 'hamsa',
      key: `secret:callwire/providers/main#${id}`,
      poll: { every: '1m', max: '30m' },
      phoneRegion: 'SA',
    };
  });

/**
 * Their states at one moment: most have been quiet for minutes to hours, a few have calls open. The time since the
 * last change is exponential around the mean gap between the calls of the mix of `limits.md` §5.4
 * (lognormal rates, median 30 calls a day, σ 1.8).
 */
export function statesOf(
  connections: readonly WrittenConnection[],
  now: Date,
  seed: number,
): Map<string, { state: PollState; prints: string }> {
  const random = createRandom(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return new Map(
    connections.map((written) => {
      const callsPerDay = 30 * Math.exp(1.8 * normal());
      const gapMs = (DAY_MS / callsPerDay) * -Math.log(1 - random.next());
      const since = new Date(now.getTime() - Math.min(gapMs, 30 * DAY_MS)).toISOString();
      const isOpen = random.next() < OPEN_SHARE;
      const begun = initialState(connectionSchema.parse(written), now);
      const state: PollState = {
        ...begun,
        version: 7,
        lastChangeAt: since,
        pace: learnedPace(callsPerDay),
        open: isOpen ? [{ id: random.uuid(), since }] : [],
      };
      // The rows of two days, as far as they lie beside the state.
      const prints = 'AbCdEfGhIjKlMnOp'.repeat(Math.min(32, Math.ceil(callsPerDay * 2)));
      return [written.id, { state, prints }] as const;
    }),
  );
}
