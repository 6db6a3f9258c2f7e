import * as z from 'zod';
import { conditionSchema } from '../config/condition.ts';
import type { Event } from '../events/event.ts';
import { matches } from './match.ts';

const instant = z.iso.datetime();

/** Somebody's decision that some destinations are not told of some events until a certain time. */
export const silenceSchema = z.object({
  id: z.string().min(1),
  /** Which events; empty: all of them. */
  when: conditionSchema,
  /** Ids of the destinations that are not told. */
  to: z.array(z.string().min(1)).min(1),
  /** Who decided it, and why: for whoever wonders where the alerts are. */
  author: z.string().min(1),
  comment: z.string().min(1),
  createdAt: instant,
  until: instant,
});
export type Silence = z.infer<typeof silenceSchema>;

/** True from its beginning to its end; the end itself is over. */
export const isInForce = ({ until }: Pick<Silence, 'until'>, now: Date): boolean =>
  now.toISOString() < until;

/** The first silence in force that keeps a destination from being told of an event; undefined: it is told. */
export const silenceFor = (
  event: Event,
  destination: string,
  silences: readonly Silence[],
  now: Date,
): Silence | undefined =>
  silences.find(
    (silence) =>
      isInForce(silence, now) && silence.to.includes(destination) && matches(silence.when, event),
  );

/** Where silences are kept. */
export interface SilenceStore {
  /** Those that can be read, in the order of their ids, also some that are over. */
  list(): Promise<readonly Silence[]>;
  put(silence: Silence): Promise<void>;
  /** Ends one now. False: there is none of this id. */
  end(id: string, now: Date): Promise<boolean>;
}
