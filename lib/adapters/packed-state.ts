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
