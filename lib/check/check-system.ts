import { type CheckFinding, ok, wrong } from './check-finding.ts';

/** As much of the store as shows that it works. */
export interface CheckStore {
  /** Writes one item of ours with this mark, reads it back, and removes it. @returns the mark that was read */
  roundTrip(mark: string): Promise<string | undefined>;
}

/** As much of the bus as shows that it works. */
export interface CheckBus {
  /** Has to be asked: an event for a bus that is not there is accepted, and gone. */
  exists(): Promise<boolean>;
  /** Puts an event that no rule of ours takes. False: it was not accepted. */
  putTest(): Promise<boolean>;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'of an unknown kind';

/** Whether what is written can be read. Trouble carries its fix as its message. */
export async function checkStore(store: CheckStore, mark: string): Promise<CheckFinding> {
  try {
    return (await store.roundTrip(mark)) === mark
      ? ok('store', 'an item was written, read and removed')
      : wrong('store', 'what was written is not what was read', 'Check whether this is the table.');
  } catch (error) {
    return wrong('store', 'an item could not be written and read', messageOf(error));
  }
}

/** Whether events arrive. */
export async function checkBus(bus: CheckBus): Promise<CheckFinding> {
  try {
    if (!(await bus.exists())) {
      const why = 'there is no such bus: events for it would be accepted, and gone';
      return wrong('bus', why, 'Deploy again: npx cdk deploy.');
    }
    return (await bus.putTest())
      ? ok('bus', 'it is there, and accepted a test event that no rule takes')
      : wrong('bus', 'it did not accept a test event', 'See which policy the bus has.');
  } catch (error) {
    return wrong('bus', 'it could not be asked', messageOf(error));
  }
}
