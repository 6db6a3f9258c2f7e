import type { Random } from '../../lib/local/simulators/random.ts';
import type { Faults } from './faults.ts';
import type { Kernel } from './kernel.ts';
import { type Plan, START } from './plan.ts';
import type { Poller } from './poller.ts';
import { OVERRIDES, pollMinutes, type SimConnection } from './sim-connection.ts';

/** Other settings in the middle of everything; and whatever runs at the moment may end. */
export function scheduleRedeploys(
  connections: readonly SimConnection[],
  {
    plan,
    kernel,
    faults,
    random,
    poller,
  }: {
    plan: Plan;
    kernel: Kernel;
    faults: Faults;
    random: Random;
    poller: Poller;
  },
): void {
  const sometime = () => random.between(START, plan.calmFrom);
  for (const connection of connections) {
    if (faults.strikes('redeploy: other interval', 0.5)) {
      kernel.at(sometime(), () => {
        connection.written = {
          ...connection.written,
          poll: pollMinutes(connection.wire, plan, random),
        };
        faults.hit('redeploy: other interval');
      });
    }
    if (faults.strikes('redeploy: a word gets a meaning', 0.5)) {
      kernel.at(sometime(), () => {
        connection.written = { ...connection.written, statusOverrides: OVERRIDES };
        connection.knownFrom = kernel.time();
        faults.hit('redeploy: a word gets a meaning');
      });
    }
  }
  if (!faults.has('redeploy: everything running ends')) return;
  // Not at any moment: at one at which something runs.
  let left = 2;
  const watch = (): void => {
    if (poller.isPolling()) {
      faults.hit('redeploy: everything running ends');
      poller.killAll();
      left -= 1;
    }
    if (left > 0 && kernel.time() < plan.calmFrom) {
      kernel.after(poller.isPolling() ? 3_600_000 : random.between(1_000, 40_000), watch);
    }
  };
  kernel.at(sometime(), watch);
}
