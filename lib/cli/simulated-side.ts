import { randomBytes } from 'node:crypto';
import { type HamsaSimulator, startHamsa } from '../local/simulators/hamsa.ts';
import { preciseNow } from '../local/simulators/loopback.ts';
import { type SlackLookalike, startSlack } from '../local/simulators/slack.ts';
import { createWorld, type World } from '../local/simulators/world.ts';
import type { WordsOf } from './tally.ts';
import type { Received, TrueCall } from './verdict.ts';

const CONNECTION = 'clinic-riyadh';

/** The destinations of the demo and the channels they post to. */
const CHANNELS = { 'failures-channel': 'voice-ops', 'calls-channel': 'voice-calls' } as const;

/** The other side of a demo: providers and destinations on loopback, and what they know to be true. */
export interface SimulatedSide {
  /** A `callwire.yaml` that names them. */
  readonly config: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Nothing begins, ends or changes from now on. */
  freeze(): void;
  truth(): { connection: string; calls: TrueCall[] }[];
  received(): Received[];
  /** What a person sees there of an event. */
  wordsOf: WordsOf;
  /** What the other side saw us do that its vendor forbids, in words. */
  violations(): string[];
  close(): Promise<void>;
}

const yaml = (hamsa: HamsaSimulator, slack: SlackLookalike): string => `
connections:
  - id: ${CONNECTION}
    provider: hamsa
    key: secret:callwire/providers/demo#hamsa
    baseUrl: ${hamsa.url}
    poll: { every: 1s, max: 1s }
    firstRun: baseline
    phoneRegion: SA
destinations:
${Object.entries(CHANNELS)
  .map(
    ([id, channel]) =>
      `  - { id: ${id}, kind: slack, token: "secret:callwire/destinations/slack/demo#token", channel: "#${channel}", baseUrl: ${slack.apiUrl} }`,
  )
  .join('\n')}
routes:
  - id: failures
    when: { type: [call.failed, call.stale, connection.failing, connection.recovered, provider.drifted] }
    to: [failures-channel]
  - id: everything-else
    to: [calls-channel]
`;

const trueCalls = (hamsa: HamsaSimulator): TrueCall[] =>
  hamsa.truth().map(({ id, endedAt, finalVisibleAt, malformed, deleted }) => ({
    id,
    endedAt,
    listed: finalVisibleAt !== null && !deleted,
    malformed,
  }));

/** The destination that a message was for: its channel says so. */
const destinationOf = (channelName: string): string =>
  Object.entries(CHANNELS).find(([, channel]) => channel === channelName)?.[0] ?? channelName;

const eventIdOf = (metadata: unknown): string => {
  const { event_payload: payload } = Object(metadata) as { event_payload?: { id?: unknown } };
  return String(payload?.id ?? 'without an event id');
};

/** Starts everybody that a demo talks to. */
export async function startSimulatedSide(): Promise<SimulatedSide> {
  const world: World = createWorld({ seed: Date.now(), now: preciseNow, history: 12 });
  const [hamsaKey, slackToken] = [
    randomBytes(12).toString('hex'),
    `xoxb-${randomBytes(12).toString('hex')}`,
  ];
  const hamsa = await startHamsa({ key: hamsaKey, world });
  const slack = await startSlack({
    token: slackToken,
    channels: Object.values(CHANNELS).map((name, index) => ({ id: `C0DEMO000${index}`, name })),
  });
  return {
    config: yaml(hamsa, slack),
    secrets: {
      'callwire/providers/demo': JSON.stringify({ hamsa: hamsaKey }),
      'callwire/destinations/slack/demo': JSON.stringify({ token: slackToken }),
    },
    freeze: () => world.freeze(),
    truth: () => [{ connection: CONNECTION, calls: trueCalls(hamsa) }],
    received: () =>
      slack.messages().map(({ channelName, metadata }) => ({
        destination: destinationOf(channelName),
        eventId: eventIdOf(metadata),
      })),
    wordsOf: (eventId, destination) => {
      const message = slack
        .messages()
        .find(
          ({ channelName, metadata }) =>
            destinationOf(channelName) === destination && eventIdOf(metadata) === eventId,
        );
      return message && `Slack #${message.channelName}: ${message.seen.split('\n')[0]}`;
    },
    violations: () =>
      slack
        .violations()
        .map(({ kind, method, detail }) => `${method}: ${kind} ${detail ?? ''}`.trim()),
    close: async () => {
      await Promise.all([hamsa.close(), slack.close()]);
    },
  };
}
