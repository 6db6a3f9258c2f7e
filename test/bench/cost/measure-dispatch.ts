import { marshall } from '@aws-sdk/util-dynamodb';
import { REVISION } from '../../../lib/adapters/config-revision.ts';
import { packState } from '../../../lib/adapters/packed-state.ts';
import { DAY_MS, MINUTE_MS } from '../../../lib/time.ts';
import type { CountedStack } from './counted-stack.ts';
import type { FunctionName, Invoke } from './functions.ts';
import { connectionsOf, statesOf } from './population.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface MeasuredDispatch {
  readonly connections: number;
  readonly readUnits: number;
  readonly awsRequests: number;
  /** Of this machine, the embedded store's own left out. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly pollsPerMessage: number;
  readonly polls: number;
  readonly logBytes: number;
  readonly tickLogBytes: number;
}

/** At so many hours of a day, because polls follow the calls; and at each so often, a minute apart. */
const HOURS = 8;
const MINUTES = 5;
const ROUNDS = HOURS * MINUTES;
const TICK_LOG_BYTES = 100;

/** Puts the connections and their states where production has them. */
export function seedControl(
  { dynamo, template }: Pick<CountedStack, 'dynamo' | 'template'>,
  count: number,
  now: Date,
): void {
  const TableName = template.resource('Storage/Control');
  const connections = connectionsOf(count);
  const put = (item: Record<string, unknown>) =>
    dynamo.handle('PutItem', { TableName, Item: onTheWire(item) });
  put({ ...REVISION, revision: '1' });
  for (const settings of connections) {
    put({ pk: 'config#connections', sk: settings.id, settings });
  }
  for (const [id, { state, prints }] of statesOf(connections, now, 1)) {
    const bytes = Buffer.from(prints, 'base64url');
    put({
      pk: 'state',
      sk: id,
      version: state.version,
      packed: packState(state),
      ...(bytes.length > 0 && { prints: bytes }),
    });
  }
}

/** The embedded store takes what a request would carry: binary as base64. */
function onTheWire(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(marshall(item, { removeUndefinedValues: true })).map(([name, value]) => [
      name,
      value.B ? { B: Buffer.from(value.B).toString('base64') } : value,
    ]),
  );
}

/** Runs production's dispatch over many connections and counts what a minute of it takes. */
export async function measureDispatch(
  stack: CountedStack,
  functions: Readonly<Record<FunctionName, Invoke>>,
  clock: VirtualClock,
  count: number,
): Promise<MeasuredDispatch> {
  const { counter } = stack;
  const sums = new Map<string, number>();
  let polls = 0;
  let wallMs = 0;
  async function dispatch(): Promise<void> {
    clock.advanceTo(clock.ms() + MINUTE_MS);
    const startedAt = performance.now();
    const dispatched = await functions.dispatch({ scheduledAt: clock.now().toISOString() });
    wallMs += performance.now() - startedAt;
    polls += Number(Object(dispatched).polls);
  }
  for (let hour = 0; hour < HOURS; hour += 1) {
    clock.advanceTo(clock.ms() + DAY_MS / HOURS);
    // What production's polls would have written by then.
    seedControl(stack, count, clock.now());
    for (let minute = 0; minute < MINUTES; minute += 1) {
      for (const [name, value] of Object.entries(await counter.during(dispatch))) {
        sums.set(name, (sums.get(name) ?? 0) + value);
      }
    }
  }
  const each = (name: string) => (sums.get(name) ?? 0) / ROUNDS;
  return {
    connections: count,
    readUnits: each('read Control'),
    awsRequests: each('dispatch aws requests'),
    cpuMs: each('dispatch cpu ms'),
    wallMs: wallMs / ROUNDS,
    polls: polls / ROUNDS,
    pollsPerMessage:
      polls / Math.max(1, sums.get(`sent ${stack.template.resource('Polling/Queue')}`) ?? 1),
    logBytes: each('dispatch log bytes per invocation'),
    tickLogBytes: TICK_LOG_BYTES,
  };
}
