import { dynamoPollStates, loadConfig } from '../adapters/dynamo-control.ts';
import { dynamoRangeJobs, loadConnection } from '../adapters/dynamo-ranges.ts';
import { sendJson } from '../adapters/queues.ts';
import type { PollStateStore } from '../polling/ports.ts';
import type { RangeJobStore, RangeMessage } from '../ranges/ports.ts';
import { locateSystem, type Where } from './locate.ts';
import type { Session } from './session.ts';

/** A system whose sweeps and backfills can be begun and watched, wherever it runs. */
export interface ReachedRanges {
  readonly jobs: RangeJobStore;
  readonly states: PollStateStore;
  send(message: RangeMessage): Promise<void>;
  /** A connection as the operator wrote it; undefined when there is none of this id. */
  connection(id: string): Promise<unknown>;
  /** All of them. */
  connections(): Promise<readonly unknown[]>;
  /** The system itself, where it runs in this process and ends with it. */
  readonly session: Session | undefined;
  close(): Promise<void>;
}

/** @throws UserError when there is no such system */
export async function reachRanges(where: Where): Promise<ReachedRanges> {
  const { tables, queues, output, session, close } = await locateSystem(where);
  const [control, sweepQueueUrl] = [
    await output('ControlTableName'),
    await output('SweepQueueUrl'),
  ];
  return {
    jobs: dynamoRangeJobs(tables, control),
    states: dynamoPollStates(tables, control),
    send: (message) => sendJson(queues, sweepQueueUrl, message, { group: message.connection }),
    connection: (id) => loadConnection(tables, control, id),
    connections: () => loadConfig(tables, control, 'connections'),
    session,
    close,
  };
}
