import { randomBytes } from 'node:crypto';
import { startHamsa } from '../local/simulators/hamsa.ts';
import { preciseNow } from '../local/simulators/loopback.ts';
import { noFaults, type ProviderFaults } from '../local/simulators/provider-faults.ts';
import type { ProviderOptions, ProviderSimulator } from '../local/simulators/provider-simulator.ts';
import { startSamva } from '../local/simulators/samva.ts';
import { startSolum } from '../local/simulators/solum.ts';
import { startVozagent } from '../local/simulators/vozagent.ts';
import { createWorld } from '../local/simulators/world.ts';
import type { WordedCall } from './trace-verdict.ts';

interface Cast {
  readonly connection: string;
  readonly provider: string;
  readonly phoneRegion: string;
  /** All together stay under what one Slack channel takes: a message a second. */
  readonly callsPerMinute: number;
  /** Its pages say how webhooks about calls are signed. */
  readonly hasWebhooks: boolean;
  start(options: ProviderOptions): Promise<ProviderSimulator>;
}

/** Who plays in a demo. Hamsa is the busiest, so that each of its seven statuses is seen within seconds. */
const CAST: readonly Cast[] = [
  {
    connection: 'clinic-riyadh',
    provider: 'hamsa',
    phoneRegion: 'SA',
    callsPerMinute: 30,
    hasWebhooks: true,
    start: startHamsa,
  },
  {
    connection: 'salon-beirut',
    provider: 'samva',
    phoneRegion: 'LB',
    callsPerMinute: 8,
    hasWebhooks: true,
    start: startSamva,
  },
  {
    connection: 'therapy-austin',
    provider: 'solum',
    phoneRegion: 'US',
    callsPerMinute: 8,
    hasWebhooks: false,
    start: startSolum,
  },
  {
    connection: 'agency-madrid',
    provider: 'vozagent',
    phoneRegion: 'ES',
    callsPerMinute: 8,
    hasWebhooks: false,
    start: startVozagent,
  },
];

/** Every kind of trouble at once, each seldom enough that a minute holds some of most. */
const FAULTS: Partial<ProviderFaults> = {
  tooManyRequests: 0.02,
  serverError: 0.03,
  connectionReset: 0.02,
  htmlPage: 0.02,
  refusalIn200: 0.01,
  slowBody: 0.02,
  slowBodyMs: 500,
  malformed: {
    missingId: 0.03,
    wrongType: 0.03,
    notAnObject: 0.03,
    extraField: 0.1,
    missingField: 0.1,
    hugeField: 0.05,
  },
  insertedBetweenPages: 0.1,
  deletedBetweenPages: 0.05,
  lateVisibility: 0.2,
  lateVisibilitySeconds: 3,
  webhookLost: 0.2,
  webhookTwice: 0.2,
  webhookLate: 0.2,
  webhookLateSeconds: 6,
  webhookForged: 0.2,
};

const secretOf = (name: string): string => `secret:callwire/providers/demo#${name}`;

/** The secret of a provider's webhooks, beside its key. */
const hookOf = (provider: string): string => `${provider}-webhooks`;

/** What a simulated provider knows to be true. */
export interface ProviderTruth {
  readonly connection: string;
  readonly calls: readonly WordedCall[];
  /** Every different record that it sent and from which no call can be read. */
  readonly malformedSent: readonly unknown[];
  /** When it was asked something. Milliseconds since the epoch. */
  readonly askedAt: readonly number[];
}

export interface SimulatedProviders {
  /** The `connections` of a configuration that names them. */
  readonly yaml: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** From now on those whose pages say how send webhooks, to these addresses by connection. */
  sendWebhooks(addressOf: (connection: string) => string): void;
  /** What webhooks were answered that no provider should see. */
  objections(): string[];
  /** Nothing begins, ends, changes or fails from now on. */
  freeze(): void;
  truth(): ProviderTruth[];
  close(): Promise<void>;
}

const trueCalls = (simulator: ProviderSimulator): WordedCall[] =>
  simulator.truth().map(({ id, status, endedAt, finalVisibleAt, malformed, deleted }) => ({
    id,
    status,
    endedAt,
    listed: finalVisibleAt !== null && !deleted,
    malformed,
  }));

/** Starts the simulated providers, each with traffic of its own. */
export async function startSimulatedProviders({
  faults,
}: {
  faults: boolean;
}): Promise<SimulatedProviders> {
  const running = await Promise.all(
    CAST.map(async ({ start, callsPerMinute, ...role }, index) => {
      const [key, hook] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
      const seed = Date.now() + index;
      const world = createWorld({ seed, now: preciseNow, history: 6, callsPerMinute });
      const simulator = await start({ key, world, seed, ...(faults && { faults: FAULTS }) });
      return { ...role, key, hook, world, simulator };
    }),
  );
  return {
    yaml: running
      .map(
        ({ connection, provider, phoneRegion, hasWebhooks, simulator }) =>
          `  - { id: ${connection}, provider: ${provider}, key: "${secretOf(provider)}", baseUrl: "${simulator.url}", poll: { every: 1s, max: 1s }, phoneRegion: ${phoneRegion}${hasWebhooks ? `, webhook: { secrets: ["${secretOf(hookOf(provider))}"] }` : ''} }`,
      )
      .join('\n'),
    secrets: {
      'callwire/providers/demo': JSON.stringify(
        Object.fromEntries(
          running.flatMap(({ provider, key, hook }) => [
            [provider, key],
            [hookOf(provider), hook],
          ]),
        ),
      ),
    },
    sendWebhooks: (addressOf) => {
      for (const { connection, hasWebhooks, hook, simulator } of running) {
        if (hasWebhooks) simulator.sendWebhooks({ url: addressOf(connection), secret: hook });
      }
    },
    objections: () =>
      running.flatMap(({ connection, simulator }) =>
        simulator.webhookObjections().map((objection) => `${connection}: ${objection}`),
      ),
    freeze: () => {
      for (const { world, simulator } of running) {
        world.freeze();
        Object.assign(simulator.faults, noFaults, { malformed: simulator.faults.malformed });
      }
    },
    truth: () =>
      running.map(({ connection, simulator }) => ({
        connection,
        calls: trueCalls(simulator),
        malformedSent: simulator.malformedSent().map((json): unknown => JSON.parse(json)),
        askedAt: simulator.requests().map(({ at }) => at),
      })),
    close: async () => {
      await Promise.all(running.map(({ simulator }) => simulator.close()));
    },
  };
}
