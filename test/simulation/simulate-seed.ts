import type { Random } from '../../lib/local/simulators/random.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { drawWorld } from './draw-world.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Finding } from './finding.ts';
import { createKernel, type Doom, type ProcessKind } from './kernel.ts';
import { createStores } from './memory-stores.ts';
import { createNetwork } from './network.ts';
import { createOutbox } from './outbox.ts';
import { type Plan, START } from './plan.ts';
import { createPoller } from './poller.ts';
import { createProviderServer } from './provider-server.ts';
import { scheduleRedeploys } from './redeploys.ts';
import { createConnection } from './sim-connection.ts';
import { judge } from './verdict.ts';
import { scheduleWebhooks } from './webhooks.ts';
import { hamsaWire } from './wire/hamsa.ts';
import { samvaWire } from './wire/samva.ts';
import { solumWire } from './wire/solum.ts';
import { vozagentWire } from './wire/vozagent.ts';
import { createWitness } from './witness.ts';

export interface SeedResult {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly faults: readonly FaultKind[];
  readonly figures: {
    readonly virtualHours: number;
    readonly connections: number;
    readonly calls: number;
    readonly kills: number;
    readonly polls: number;
    readonly events: number;
    /** Calls that were listed as final in two successful polls. */
    readonly proven: number;
  };
}

const WIRES = [hamsaWire, samvaWire, solumWire, vozagentWire];

/** Processes that die in every seed, and those that die where the seed has it. */
function drawDooms(
  { calmFrom, hasSweeps }: Plan,
  random: Random,
  has: (kind: FaultKind) => boolean,
): Doom[] {
  const doom = (kind: ProcessKind, deepest: number): Doom => ({
    kind,
    from: random.between(START, calmFrom - HOUR_MS),
    step: 1 + Math.floor(random.next() * deepest),
    afterwards: random.next() < 0.5,
  });
  const several = (kind: ProcessKind, deepest: number, count: number) =>
    Array.from({ length: count }, () => doom(kind, deepest));
  return [
    ...several('poll', 8, has('process: poll dies') ? 8 : 1),
    ...several('publish', 1, has('process: publish dies') ? 4 : 1),
    ...(hasSweeps && has('process: sweep dies') ? several('sweep', 12, 3) : []),
    ...(has('process: dispatch dies') ? several('dispatch', 3, 3) : []),
    ...(has('process: republish dies') ? several('republish', 2, 2) : []),
  ];
}

/** Lives through one seed: the same every time, wherever and whenever it is run. */
export async function simulateSeed(
  seed: number,
  trace?: (line: string) => void,
): Promise<SeedResult> {
  const { random, faults, plan } = drawWorld(seed);
  // When in the day its sweeps are follows from a connection's id.
  const connections = WIRES.map((wire) => {
    const id = `${wire.provider}-${Math.floor(random.between(100, 1_000))}`;
    return createConnection(wire, id, plan, faults, random);
  });
  let kills = 0;
  const kernel = createKernel({
    random,
    start: START,
    dooms: drawDooms(plan, random, faults.has),
    trace,
    onKill: (kind) => {
      kills += 1;
      if (kind !== 'webhook') faults.hit(`process: ${kind} dies`);
    },
  });
  const witness = createWitness(connections);
  const outbox = createOutbox(kernel, faults, random, witness, (key) => stores.itemOf(key));
  const stores = createStores(kernel, faults, random, witness, outbox.append);
  const hosts = connections.map((connection) => ({
    connection,
    server: createProviderServer(connection, faults, random),
  }));
  const network = createNetwork(kernel, hosts, witness);
  const parts = { plan, kernel, faults, random, witness, stores, network, connections };
  const poller = createPoller(parts);

  poller.start();
  scheduleWebhooks(connections, parts);
  scheduleRedeploys(connections, { ...parts, poller });
  kernel.at(plan.calmFrom, faults.calm);
  await kernel.run(plan.end + 2 * HOUR_MS);

  const findings = judge(witness, stores, plan);
  if (!outbox.isEmpty()) {
    findings.push({
      verdict: 'lost',
      invariant: 'the outbox gets empty',
      about: 'outbox',
      detail: '',
    });
  }
  const evidence = [...witness.records.values()].flatMap((record) => [...record.evidence.values()]);
  return {
    seed,
    findings,
    faults: [...faults.hits],
    figures: {
      virtualHours: (plan.end - START) / HOUR_MS,
      connections: connections.length,
      calls: connections.reduce((sum, { traffic }) => sum + traffic.calls.length, 0),
      kills,
      polls: [...witness.records.values()].reduce((sum, { polls }) => sum + polls, 0),
      events: witness.announced.length,
      proven: evidence.filter(({ proofs }) => proofs >= 2).length,
    },
  };
}
