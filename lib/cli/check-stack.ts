import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { applyConfig } from '../adapters/apply-config.ts';
import { CLIENT_OPTIONS, documentClient } from '../adapters/aws-clients.ts';
import { dynamoCheckStore, eventBridgeCheck } from '../adapters/check-system.ts';
import { secretReader } from '../adapters/secrets.ts';
import { type CheckFinding, ok, warning } from '../check/check-finding.ts';
import { type CheckBus, type CheckStore, checkBus, checkStore } from '../check/check-system.ts';
import type { CallwireConfig } from '../config/callwire-file.ts';
import { PermanentError } from '../errors.ts';
import { orWithFix } from './aws-trouble.ts';
import type { CheckPlace } from './check-place.ts';
import { outputOf } from './deployment.ts';
import { misplaced } from './secret-references.ts';

const now = () => new Date();

const withFixes = (store: CheckStore, bus: CheckBus): [CheckStore, CheckBus] => [
  { roundTrip: (mark) => orWithFix(store.roundTrip(mark)) },
  { exists: () => orWithFix(bus.exists()), putTest: () => orWithFix(bus.putTest()) },
];

/** A deployment, with the credentials of whoever runs this. */
export function stackPlace(stack: string, config: CallwireConfig): CheckPlace {
  const tables = documentClient();
  const events = new EventBridgeClient(CLIENT_OPTIONS);
  const read = secretReader(new SecretsManagerClient(CLIENT_OPTIONS), {}, now);
  return {
    checks: [
      {
        subject: `stack ${stack}`,
        run: async () => {
          const [table, busName] = await Promise.all([
            orWithFix(outputOf(stack, 'ControlTableName')),
            orWithFix(outputOf(stack, 'BusName')),
          ]);
          const [store, bus] = withFixes(
            dynamoCheckStore(tables, table),
            eventBridgeCheck(events, busName),
          );
          const applied = applyConfig(tables, table, config.source, { dryRun: true });
          return Promise.all([
            checkStore(store, `check-${Date.now()}`),
            checkBus(bus),
            orWithFix(applied).then(appliedFinding),
          ]);
        },
      },
    ],
    secret: (prefix) => async (reference) => {
      const problem = misplaced(reference, prefix);
      if (problem !== undefined) throw new PermanentError('key_misplaced', problem);
      return orWithFix(read(reference));
    },
  };
}

const appliedFinding = (difference: {
  added: readonly string[];
  changed: readonly string[];
  removed: readonly string[];
}): CheckFinding => {
  const names = Object.values(difference).flat();
  return names.length === 0
    ? ok('applied', 'the stack follows this file')
    : warning(
        'applied',
        `the stack differs from this file in ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
        'Make it follow: npx callwire apply.',
      );
};
