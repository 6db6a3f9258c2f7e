import * as z from 'zod';
import type { Event } from '../../events/event.ts';

const EVENT_TYPE = 'callwire_event';

/**
 * Names the events that a message tells of, for `find`. The ids of several stand in one text, because a
 * payload may hold texts, numbers and objects, and no list of texts
 * (https://docs.slack.dev/tools/node-slack-sdk/reference/web-api/interfaces/MessageMetadata).
 */
export const metadataOf = (event: Event, events: readonly Event[] = []) => ({
  event_type: EVENT_TYPE,
  event_payload: {
    id: event.id,
    ...(events.length > 0 && { ids: events.map(({ id }) => id).join(' ') }),
  },
});

const ours = z.object({
  event_type: z.literal(EVENT_TYPE),
  event_payload: z.object({ id: z.string(), ids: z.string().optional() }),
});

/** Ids of the events that a message tells of; none if it is not ours. */
export function eventIdsIn(metadata: unknown): readonly string[] {
  const { data } = ours.safeParse(metadata);
  if (data === undefined) return [];
  const { id, ids } = data.event_payload;
  return [...new Set([id, ...(ids?.split(' ') ?? [])])];
}
