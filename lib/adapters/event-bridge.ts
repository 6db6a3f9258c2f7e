import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
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
  async function putBatch(events: readonly Event[]): Promise<Event[]> {
    const { Entries = [] } = await client.send(
      new PutEventsCommand({
        Entries: events.map((event) => ({
          EventBusName: busName,
          Source: EVENT_SOURCE,
          DetailType: event.type,
          Detail: JSON.stringify(event),
          Time: new Date(event.recordedAt),
        })),
      }),
    );
    // An entry without an id was not taken, whatever else its answer says.
    return events.filter((_event, index) => !Entries[index]?.EventId);
  }

  async function putPatiently(events: readonly Event[]): Promise<Event[]> {
    let left = await putBatch(events);
    for (let round = 1; round < ROUNDS && left.length > 0; round += 1) {
      await wait(FIRST_WAIT_MS * 2 ** round);
      left = await putBatch(left);
    }
    return left;
  }

  return {
    put: async (events) => {
      const refused: Event[] = [];
      for (let at = 0; at < events.length; at += BATCH) {
        refused.push(...(await putPatiently(events.slice(at, at + BATCH))));
      }
      return new Set(refused.map(({ id }) => id));
    },
  };
}
