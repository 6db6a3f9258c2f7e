import * as z from 'zod';
import {
  type CommonSettings,
  defineDestination,
  type Sender,
} from '../destinations/destination.ts';
import { type Count, createCount } from '../log.ts';
import { CANARY_DESTINATION } from './canary.ts';

/** Where canaries end: a kind of destination like the others, but that nobody configures it. */
const nullDestination = defineDestination({
  kind: CANARY_DESTINATION,
  docs: 'https://martinfowler.com/bliki/SyntheticMonitoring.html',
  audience: 'systems',
  settings: z.strictObject({
    id: z.literal(CANARY_DESTINATION),
    kind: z.literal(CANARY_DESTINATION),
  }),
  secrets: [],
  pace: () => undefined,
});

/** Tells nobody: that it was asked is all there is to know. */
export const createSender = (count: Count): Sender<CommonSettings> => ({
  definition: nullDestination,
  send: async ({ event }) => {
    count('CanariesArrived', 1);
    return { event: event.id };
  },
});

export const sender = createSender(createCount(() => new Date()));
