import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { recordObservation } from '../../lib/calls/record-observation.ts';
import { connectionSchema } from '../../lib/config/settings.ts';
import type { Random } from '../../lib/local/simulators/random.ts';
import { providerById } from '../../lib/providers/index.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
import type { Faults } from './faults.ts';
import type { Kernel } from './kernel.ts';
import type { Stores } from './memory-stores.ts';
import { START } from './plan.ts';
import { isFinalPhase, type SimCall, stated, versionAt } from './sim-call.ts';
import type { SimConnection } from './sim-connection.ts';
import type { Witness } from './witness.ts';

const RATE = 0.15;

interface Parts {
  readonly kernel: Kernel;
  readonly faults: Faults;
  readonly random: Random;
  readonly witness: Witness;
  readonly stores: Stores;
}

/** Announcements of the providers' own, which arrive in any order, late, early and twice. */
export function scheduleWebhooks(connections: readonly SimConnection[], parts: Parts): void {
  const { kernel, faults, random } = parts;
  for (const connection of connections) {
    for (const call of connection.traffic.calls) {
      const { provider } = connection.wire;
      if (call.createdAt < START || call.malformed || provider === 'solum') continue;
      for (const [index, version] of call.versions.entries()) {
        const isLate = faults.strikes('webhook: late', RATE);
        if (!isLate && !faults.strikes('webhook: early', RATE)) continue;
        const waitMs = isLate ? random.between(1, 40) * MINUTE_MS : random.between(20, 900);
        kernel.at(version.at + waitMs, () => receive(connection, call, index, parts));
        if (faults.strikes('webhook: twice', RATE)) {
          const again = random.between(1, 300) * SECOND_MS;
          kernel.at(version.at + waitMs + again, () =>
            receive(connection, call, index, parts, true),
          );
        }
      }
    }
  }
}

function receive(
  connection: SimConnection,
  call: SimCall,
  index: number,
  { kernel, faults, witness, stores }: Parts,
  isRepeated = false,
): void {
  const { wire, written } = connection;
  const state = stores.stateOf(connection.id);
  const version = call.versions[index];
  if (!state || !version || faults.isCalm()) return;
  const isOld = versionAt(call, kernel.time()) > index;
  // What was true at the end and is not any more cannot be told from a correction that came late.
  if (isOld && isFinalPhase(version.phase)) return;
  const provider = providerById(wire.provider);
  const record = wire.row(call, version, '');
  const body: unknown = JSON.parse(
    wire.list({
      rows: [JSON.stringify(record)],
      skip: 0,
      pageSize: 1,
      matching: 1,
      pageable: 1,
    }),
  );
  const [row] = provider.list.read(body, 0, undefined).listed;
  if (!row) return;
  const settings = connectionSchema.parse(written);
  const at = kernel.now();
  kernel.spawn(
    'webhook',
    async (process) => {
      const logOf = () => undefined;
      const known = (await stores.callStore(process, logOf).get(connection.id, [call.id])).get(
        call.id,
      );
      const kind = isRepeated ? 'webhook: twice' : isOld ? 'webhook: late' : 'webhook: early';
      if (isRepeated || isOld || !known || known.call.outcome === 'open') faults.hit(kind);
      witness.told(call, index, isOld);
      await recordObservation(
        {
          call: normalizeCall(row.facts, provider, settings),
          seenAt: at.toISOString(),
          receivedAt: at.toISOString(),
          endedBy: isFinalPhase(version.phase) ? stated(call, call.endedAt) : null,
          rowPrint: null,
          raw: [record],
        },
        known,
        {
          baselineAt: state.baselineAt,
          announceWithinMs: settings.announceWithin,
          withheld: Object.entries(provider.share)
            .filter(([, isShared]) => !isShared)
            .map(([group]) => group),
          via: 'webhook',
          now: at,
        },
        { calls: stores.callStore(process, logOf), raws: stores.raws(process) },
      );
    },
    () => {},
  );
}
