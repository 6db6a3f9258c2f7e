import * as z from 'zod';
import { migrate, type PollState } from '../polling/poll-state.ts';
import { packText, unpackText } from './packed-text.ts';

/**
 * A state as it is stored: less than half of what it is as a map. Dispatch reads the states of all
 * connections each minute and is billed by their bytes, and a state with a few open calls and its
 * fingerprints beside it stays within one write unit.
 */
export const packState = (state: PollState): Uint8Array =>
  packText(JSON.stringify(state), [], 'state');

/** @throws ZodError for what never was a state, Error for bytes that are damaged. */
export const unpackState = (packed: Uint8Array): PollState =>
  migrate(JSON.parse(unpackText(packed, [])));

/** The part of an item that a state is in. */
export const storedStateSchema = z.object({
  packed: z.instanceof(Uint8Array).optional(),
  /** As a map, as states were stored at first. */
  state: z.unknown().optional(),
});

/** The state in an item, however it was stored. @throws as `unpackState` does */
export const stateOf = ({ packed, state }: z.infer<typeof storedStateSchema>): PollState =>
  packed ? unpackState(packed) : migrate(state);
