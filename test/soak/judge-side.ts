import type { ProviderTruth } from '../../lib/cli/simulated-providers.ts';
import type { SimulatedSide } from '../../lib/cli/simulated-side.ts';
import { judge, type Received, type Truth, type Verdict } from '../../lib/cli/verdict.ts';
import type { Route } from '../../lib/config/settings.ts';

export interface SideVerdict extends Verdict {
  /** Records in the CRM beyond one of each call. */
  readonly crmDoubles: number;
  /** What was received again, or is about nothing that took place, to look at. */
  readonly surplus: readonly Received[];
}

/** What is there a second time, a third time, …, and records that are of none of the `calls`. */
export function surplusOf(received: readonly Received[], calls: ReadonlySet<string>): Received[] {
  const seen = new Set<string>();
  return received.filter((one) => {
    const name = JSON.stringify(one);
    const isKnown = seen.has(name);
    seen.add(name);
    return isKnown || ('call' in one && !calls.has(one.call));
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
  const truths = side.truth();
  const calls = truths.flatMap(({ connection, calls: each }) =>
    each.map(({ id }) => ({ connection, id })),
  );
  const received = side.received(calls);
  const names = calls.map(({ connection, id }) => `${connection}#${id}`);
  const surplus = surplusOf(received, new Set(names));
  return {
    ...judge(truthsOf(truths), side.events(), routes, received),
    crmDoubles: surplus.filter((one) => 'call' in one).length,
    surplus,
  };
}
