import * as z from 'zod';
import type { Sender } from '../destinations/destination.ts';

/** A module that is named at run time has no type; every send.ts exports its sender. */
const moduleSchema = z.object({ sender: z.custom<Sender>() });

/** Who talks to a kind of destination, with the vendor's client: loaded only where the kind is used. */
export const senderOf = async (kind: string): Promise<Sender> =>
  moduleSchema.parse(await import(`../destinations/${kind}/send.ts`)).sender;
