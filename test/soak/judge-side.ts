import type { ProviderTruth } from '../../lib/cli/simulated-providers.ts';
import type { SimulatedSide } from '../../lib/cli/simulated-side.ts';
import { judge, type Received, type Truth, type Verdict } from '../../lib/cli/verdict.ts';
import type { Route } from '../../lib/config/settings.ts';

export interface SideVerdict extends Verdict {
  /** Records in the CRM beyond one of each call. */
  readonly crmDoubles: number;
  /** What was received again, to look at. */
  readonly doubled: readonly Received[];
}

/** What is there a second time, a third time, … */
export function doubledOf(received: readonly Received[]): Received[] {
  const seen = new Set<string>();
  return received.filter((one) => {
    const name = JSON.stringify(one);
    const isKnown = seen.has(name);
    seen.add(name);
    return isKnown;
  });
}

/**
 * Baselines are Callwire's own, but each is fixed before the first request: what ended after that has
 * to be announced. Who was never asked is owed everything.
 */
export const truthsOf = (side: readonly ProviderTruth[]): Truth[] =>
  side.map(({ connection, calls, askedAt }) => ({
    connection,
    calls,
    baselineAt: new Date(askedAt[0] ?? 0).toISOString(),
  }));

/** Compares what the other side knows with what it was told; nobody asks Callwire. */
export function judgeSide(side: SimulatedSide, routes: readonly Route[]): SideVerdict {
  const events = side.events();
  const received = side.received(events.flatMap((event) => ('call' in event ? event.call : [])));
  const doubled = doubledOf(received);
  return {
    ...judge(truthsOf(side.truth()), events, routes, received),
    crmDoubles: doubled.filter((one) => 'call' in one).length,
    doubled,
  };
}
