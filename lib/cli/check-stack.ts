import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { applyConfig } from '../adapters/apply-config.ts';
import { CLIENT_OPTIONS, documentClient } from '../adapters/aws-clients.ts';
import { dynamoCheckStore, eventBridgeCheck } from '../adapters/check-system.ts';
import { secretReader } from '../adapters/secrets.ts';
import { type CheckFinding, ok, warning, wrong } from '../check/check-finding.ts';
import { type CheckBus, type CheckStore, checkBus, checkStore } from '../check/check-system.ts';
import type { CallwireConfig } from '../config/callwire-file.ts';
import { PermanentError, TransientError } from '../errors.ts';
import { orWithFix } from './aws-trouble.ts';
import type { CheckPlace } from './check-place.ts';
import { outputOf } from './deployment.ts';
import { UserError } from './failure.ts';
import { misplaced } from './secret-references.ts';

const now = () => new Date();

const withFixes = (store: CheckStore, bus: CheckBus): [CheckStore, CheckBus] => [
  { roundTrip: (mark) => orWithFix(store.roundTrip(mark)) },
  { exists: () => orWithFix(bus.exists()), putTest: () => orWithFix(bus.putTest()) },
];

/** A deployment, with the credentials of whoever runs this. */
export function stackPlace(stack: string, config: CallwireConfig): CheckPlace {
  const secrets = secretReader(new SecretsManagerClient(CLIENT_OPTIONS), {}, now);
  return {
    checks: [
      {
        subject: `stack ${stack}`,
        run: () => orFinding(checkStack(stack, config)),
      },
    ],
    secret: (prefix) => async (reference) => {
      const problem = misplaced(reference, prefix);
      if (problem !== undefined) throw new PermanentError('key_misplaced', problem);
      return secrets(reference).catch(withCause);
    },
  };
}

async function checkStack(stack: string, config: CallwireConfig): Promise<CheckFinding[]> {
  const [table, busName] = await Promise.all([
    orWithFix(outputOf(stack, 'ControlTableName')),
    orWithFix(outputOf(stack, 'BusName')),
  ]);
  const tables = documentClient();
  const [store, bus] = withFixes(
    dynamoCheckStore(tables, table),
    eventBridgeCheck(new EventBridgeClient(CLIENT_OPTIONS), busName),
  );
  const applied = applyConfig(tables, table, config.source, { dryRun: true });
  return Promise.all([
    checkStore(store, `check-${Date.now()}`),
    checkBus(bus),
    orWithFix(applied).then(appliedFinding),
  ]);
}

/** What a person has to mend is a finding like any other. */
async function orFinding(
  checking: Promise<readonly CheckFinding[]>,
): Promise<readonly CheckFinding[]> {
  try {
    return await checking;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [wrong('stack', 'it cannot be reached', error.message)];
  }
}

/** Why a secret could not be read is AWS's to say: most often that somebody has to sign in. */
async function withCause(error: unknown): Promise<never> {
  if (!(error instanceof TransientError)) throw error;
  const told: unknown = await orWithFix(Promise.reject(error.cause)).catch(
    (cause: unknown) => cause,
  );
  throw told instanceof UserError ? new PermanentError('key_unreadable', told.message) : error;
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
