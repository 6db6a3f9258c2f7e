import type { CallKey } from '../calls/call.ts';
import type { Event } from '../events/event.ts';
import { startSimulatedDestinations } from './simulated-destinations.ts';
import { type ProviderTruth, startSimulatedProviders } from './simulated-providers.ts';
import type { Reader } from './telling.ts';
import type { Kept } from './trace-verdict.ts';

/** The other side of a demo: providers and destinations on loopback, and what they know to be true. */
export interface SimulatedSide {
  /** A `callwire.yaml` that names them. */
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** From now on providers send webhooks as well, to these addresses by connection. */
  sendWebhooks(addressOf: (connection: string) => string): void;
  /** Nothing begins, ends or changes at the providers from now on, and everybody works without fault. */
  freeze(): void;
  truth(): ProviderTruth[];
  /** What the destinations really received; the call behind a CRM record is found among `calls`. */
  received(calls: readonly CallKey[]): Kept[];
  /** What the receiver of webhooks was told, each event once. */
  events(): Event[];
  /** What a person sees there. */
  readonly reader: Reader;
  /** What the other side saw us do that its vendor forbids, in words. */
  violations(): string[];
  close(): Promise<void>;
}

/** Starts everybody that a demo talks to; with `faults`, everybody is unreliable in every way. */
export async function startSimulatedSide(options: { faults: boolean }): Promise<SimulatedSide> {
  const providers = await startSimulatedProviders(options);
  const destinations = await startSimulatedDestinations(options);
  return {
    config: `connections:\n${providers.yaml}\n${destinations.yaml}`,
    secrets: { ...providers.secrets, ...destinations.secrets },
    sendWebhooks: providers.sendWebhooks,
    freeze: () => {
      providers.freeze();
      destinations.heal();
    },
    truth: providers.truth,
    received: destinations.received,
    events: destinations.events,
    reader: destinations.reader,
    violations: () => [...providers.objections(), ...destinations.violations()],
    close: async () => {
      await Promise.all([providers.close(), destinations.close()]);
    },
  };
}
