import { randomBytes } from 'node:crypto';
import type { CallKey } from '../calls/call.ts';
import { externalId } from '../calls/external-id.ts';
import { isRecovery } from '../delivery/incident.ts';
import { type Event, eventSchema } from '../events/event.ts';
import { type HubSpotFaults, startHubSpot } from '../local/simulators/hubspot.ts';
import { type ReceiverFaults, startReceiver } from '../local/simulators/receiver.ts';
import { type SlackFaults, startSlack } from '../local/simulators/slack.ts';
import type { Reader } from './telling.ts';
import type { Kept } from './trace-verdict.ts';

/** Channels of the simulated Slack. Each is a destination of the same name. */
const CHANNELS = ['voice-ops', 'voice-calls'];

const SLACK_FAULTS: Partial<SlackFaults> = {
  tooManyRequests: 0.03,
  errorBeforeCommit: 0.05,
  errorAfterCommit: 0.03,
  lostAnswer: 0.03,
};
const HUBSPOT_FAULTS: Partial<HubSpotFaults> = {
  tooManyRequests: 0.02,
  locked: 0.03,
  errorBeforeCommit: 0.03,
  errorAfterCommit: 0.03,
  lostAnswer: 0.03,
};
const RECEIVER_FAULTS: Partial<ReceiverFaults> = {
  tooManyRequests: 0.03,
  errorBeforeCommit: 0.05,
  errorAfterCommit: 0.03,
  lostAnswer: 0.03,
};

/** No chance left for any of these. */
const HEALED = Object.fromEntries(
  Object.keys({ ...SLACK_FAULTS, ...HUBSPOT_FAULTS, ...RECEIVER_FAULTS }).map((name) => [name, 0]),
);

export interface SimulatedDestinations {
  /** The `destinations` and `routes` of a configuration that names them. */
  readonly yaml: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Everybody works without fault from now on. */
  heal(): void;
  /** What really arrived; the call behind a CRM record is found among `calls`. */
  received(calls: readonly CallKey[]): Kept[];
  /** What the receiver of webhooks was told, each event once. */
  events(): Event[];
  /** What a person sees there. */
  readonly reader: Reader;
  /** What we did that the vendors forbid, in words. */
  violations(): string[];
  close(): Promise<void>;
}

const nameOf = (destination: string): string => {
  if (destination === 'crm') return 'HubSpot';
  if (destination === 'own-system') return 'webhook';
  return `Slack #${destination}`;
};

/** The events that a message tells of; one that says that an incident is over tells of none. */
const eventIdsOf = (metadata: unknown): readonly string[] => {
  const { event_payload: payload } = Object(metadata) as {
    event_payload?: { id?: unknown; ids?: unknown };
  };
  const ids = String(payload?.ids ?? payload?.id ?? 'without-an-event-id').split(' ');
  return ids.filter((id) => !isRecovery(id));
};

/** Shorter than the default, so that a demo shows how an incident ends. */
const INCIDENTS = '{ quiet: 10s }';

const yaml = (slackUrl: string, hubspotUrl: string, hookUrl: string): string => `
destinations:
${CHANNELS.map(
  (channel) =>
    `  - { id: ${channel}, kind: slack, token: "secret:callwire/destinations/slack/demo#token", channel: "#${channel}", incidents: ${INCIDENTS}, baseUrl: "${slackUrl}" }`,
).join('\n')}
  - { id: crm, kind: hubspot, token: "secret:callwire/destinations/hubspot/demo#token", baseUrl: "${hubspotUrl}" }
  - { id: own-system, kind: webhook, url: "${hookUrl}", secret: "secret:callwire/destinations/webhook/demo#secret", allowLoopback: true }
routes:
  - id: outcomes-to-systems
    when: { type: [call.completed, call.failed, call.updated] }
    to: [crm, own-system]
    continue: true
  - id: trouble-to-people
    when: { type: [call.failed, call.stale, connection.failing, connection.recovered, provider.drifted] }
    to: [voice-ops]
  - id: completed-to-people
    when: { type: call.completed }
    to: [voice-calls]
`;

/** Starts look-alikes of Slack and HubSpot, and a receiver of signed webhooks. */
export async function startSimulatedDestinations({
  faults,
}: {
  faults: boolean;
}): Promise<SimulatedDestinations> {
  const slackToken = `xoxb-${randomBytes(12).toString('hex')}`;
  const hubspotToken = `pat-${randomBytes(12).toString('hex')}`;
  const hookSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const slack = await startSlack({
    token: slackToken,
    channels: CHANNELS.map((name, index) => ({ id: `C0DEMO000${index}`, name })),
    ...(faults && { faults: SLACK_FAULTS }),
  });
  const hubspot = await startHubSpot({
    token: hubspotToken,
    ...(faults && { faults: HUBSPOT_FAULTS }),
  });
  const receiver = await startReceiver({
    secret: hookSecret,
    ...(faults && { faults: RECEIVER_FAULTS }),
  });
  const messageOf = (eventId: string, destination: string) =>
    slack
      .messages()
      .find(
        ({ channelName, metadata }) =>
          channelName === destination && eventIdsOf(metadata).includes(eventId),
      );
  return {
    yaml: yaml(slack.apiUrl, hubspot.url, receiver.hookUrl),
    secrets: {
      'callwire/destinations/slack/demo': JSON.stringify({ token: slackToken }),
      'callwire/destinations/hubspot/demo': JSON.stringify({ token: hubspotToken }),
      'callwire/destinations/webhook/demo': JSON.stringify({ secret: hookSecret }),
    },
    heal: () => {
      for (const { faults: chances } of [slack, hubspot, receiver]) Object.assign(chances, HEALED);
    },
    received: (calls) => {
      const callOf = new Map(calls.map((call) => [externalId(call), call]));
      return [
        ...slack
          .messages()
          .flatMap(({ channelName: destination, metadata, ts: receipt }) =>
            eventIdsOf(metadata).map((eventId) => ({ destination, eventId, receipt })),
          ),
        // A receiver tells repeats apart by their id, as it is told to; `repeats` are no doubles.
        ...receiver
          .received()
          .map(({ id }) => ({ destination: 'own-system', eventId: id, receipt: id })),
        ...hubspot.records().map(({ id, properties }) => {
          const call = callOf.get(String(properties.callwire_call_id));
          const key = call ? `${call.connection}#${call.id}` : 'of a call that nobody knows';
          return { destination: 'crm', call: key, receipt: id };
        }),
      ];
    },
    events: () => receiver.received().map(({ body }) => eventSchema.parse(body)),
    reader: {
      nameOf,
      wordsOf: (eventId, destination) => {
        if (destination === 'crm') return 'the record of the call is written';
        if (destination === 'own-system') return 'signed, sent and accepted';
        return messageOf(eventId, destination)?.seen.split('\n')[0]?.replaceAll('*', '');
      },
    },
    violations: () => [
      ...slack.violations().map(({ kind, method, detail }) => `Slack ${method}: ${kind} ${detail}`),
      ...hubspot.violations().map(({ kind, request }) => `HubSpot ${request}: ${kind}`),
      ...receiver.violations().map(({ kind, detail }) => `the receiver: ${kind} ${detail}`),
    ],
    close: async () => {
      await Promise.all([slack.close(), hubspot.close(), receiver.close()]);
    },
  };
}
