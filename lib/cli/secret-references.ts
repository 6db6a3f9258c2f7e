import type { CallwireConfig } from '../config/callwire-file.ts';
import { destinations } from '../destinations/index.ts';
import { UserError } from './failure.ts';

interface SecretReference {
  /** `connections/clinic-riyadh, key`. */
  readonly field: string;
  readonly reference: string;
  /** Where on AWS the function that needs it, and no other, may read. */
  readonly prefix: string;
}

export const PROVIDERS_PREFIX = 'callwire/providers/';

export const destinationPrefix = (kind: string): string => `callwire/destinations/${kind}/`;

/** Why the function that needs a reference could not read it on AWS; undefined: it could. */
export function misplaced(reference: string, prefix: string): string | undefined {
  if (reference.startsWith(`secret:${prefix}`)) return undefined;
  const why = reference.startsWith('env:')
    ? 'is of this machine, and on AWS keys are kept in Secrets Manager'
    : 'is not where the function that needs it may read';
  return `${reference} ${why}. Keep it there as ${prefix}<name> and write secret:${prefix}<name>#<key>.`;
}

function referencesOf({
  connections,
  destinations: configured,
}: CallwireConfig): SecretReference[] {
  const ofConnections = connections.flatMap(({ id, key, webhook }) => [
    { field: `connections/${id}, key`, reference: key, prefix: PROVIDERS_PREFIX },
    ...(webhook?.secrets ?? []).map((reference) => ({
      field: `connections/${id}, webhook.secrets`,
      reference,
      prefix: PROVIDERS_PREFIX,
    })),
  ]);
  const ofDestinations = configured.flatMap((settings) => {
    const { id, kind } = settings;
    const names = destinations.find((definition) => definition.kind === kind)?.secrets ?? [];
    return names.flatMap((name) => {
      const reference = settings[name];
      if (typeof reference !== 'string') return [];
      const field = `destinations/${id}, ${name}`;
      return [{ field, reference, prefix: destinationPrefix(kind) }];
    });
  });
  return [...ofConnections, ...ofDestinations];
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new UserError(problems.join('\n'));
}

/**
 * The variables that a configuration names, from this process.
 *
 * @throws UserError naming every variable that is not set, and every reference that only AWS can read
 */
export function localEnvironment(
  config: CallwireConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const environment: Record<string, string> = {};
  const problems: string[] = [];
  for (const { field, reference } of referencesOf(config)) {
    const [, name] = /^env:(.+)$/.exec(reference) ?? [];
    const value = name === undefined ? undefined : env[name];
    if (name !== undefined && value) environment[name] = value;
    else if (name === undefined)
      problems.push(`${field}: ${reference} can be read on AWS only. Here, write env:NAME.`);
    else problems.push(`${field}: the variable ${name} is not set. Set it first: export ${name}=…`);
  }
  refuse(problems);
  return environment;
}

/**
 * @throws UserError naming every reference that the function which needs it could not read on AWS, and
 * every destination that would be sought on the machine that delivers
 */
export function checkDeployable(config: CallwireConfig): void {
  const loops = config.destinations
    .filter(({ allowLoopback }) => allowLoopback === true)
    .map(({ id }) => `destinations/${id}, allowLoopback is for local runs. Leave it out.`);
  refuse([
    ...loops,
    ...referencesOf(config).flatMap(({ field, reference, prefix }) => {
      const problem = misplaced(reference, prefix);
      return problem === undefined ? [] : [`${field}: ${problem}`];
    }),
  ]);
}
