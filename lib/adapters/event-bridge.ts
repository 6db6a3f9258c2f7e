import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CANARY_SOURCE, isCanary } from '../canary/canary.ts';
import { EVENT_SOURCE, type Event } from '../events/event.ts';
import type { EventBus } from '../events/event-bus.ts';

/** EventBridge's bound on one PutEvents. */
const BATCH = 10;

const ROUNDS = 4;
const FIRST_WAIT_MS = 50;

type Wait = (ms: number) => Promise<void>;

/**
 * The custom bus. Of each request only the entries that were refused are put again: PutEvents answers
 * 200 with failures inside, in the order of the request.
 */
export function eventBridge(client: EventBridgeClient, busName: string, wait: Wait): EventBus {
  /** @returns the ids of those that were taken */
  async function putBatch(events: readonly Event[]): Promise<string[]> {
    const { Entries = [] } = await client.send(
      new PutEventsCommand({
        Entries: events.map((event) => ({
          EventBusName: busName,
          Source: isCanary(event) ? CANARY_SOURCE : EVENT_SOURCE,
          DetailType: event.type,
          Detail: JSON.stringify(event),
          Time: new Date(event.recordedAt),
        })),
      }),
    );
    // An entry without an id was not taken, whatever else its answer says.
    return events.filter((_event, index) => Entries[index]?.EventId).map(({ id }) => id);
  }

  /** Takes out of `missing` what is taken, request by request: a later one may fail as a whole. */
  async function putPatiently(events: readonly Event[], missing: Set<string>): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const left = events.filter(({ id }) => missing.has(id));
      if (left.length === 0) return;
      if (round > 0) await wait(FIRST_WAIT_MS * 2 ** round);
      for (const id of await putBatch(left)) missing.delete(id);
    }
  }

  return {
    put: async (events) => {
      const missing = new Set(events.map(({ id }) => id));
      const asked = missing.size;
      try {
        for (let at = 0; at < events.length; at += BATCH) {
          await putPatiently(events.slice(at, at + BATCH), missing);
        }
      } catch (error) {
        // No further request: it would most likely fail too, and what it got taken would be put twice,
        // because the stream delivers again from the first event that is missing.
        if (missing.size === asked) throw error;
      }
      return missing;
    },
  };
}
