import type { DestinationSettings } from '../config/settings.ts';
import type { Sender, Target } from '../destinations/destination.ts';
import { isOtherSide, PermanentError } from '../errors.ts';
import { type CheckFinding, ok, warning, wrong } from './check-finding.ts';
import { type ReadSecret, resolveSecret } from './check-secret.ts';

export interface CheckDestinationDeps {
  readonly sender: Sender;
  readonly secret: ReadSecret;
  /** Whether a test message is sent as well. */
  readonly sendTest: boolean;
}

/** Looks at one destination without telling it anything; with `sendTest`, that this is a test. */
export async function checkDestination(
  settings: DestinationSettings,
  { sender, secret, sendTest }: CheckDestinationDeps,
): Promise<readonly CheckFinding[]> {
  const references = sender.definition.secrets.flatMap((name): [string, string][] => {
    const reference = settings[name];
    return typeof reference === 'string' ? [[name, reference]] : [];
  });
  const values: Record<string, string> = {};
  const missing: CheckFinding[] = [];
  for (const [name, reference] of references) {
    const found = await resolveSecret(name, reference, secret);
    if ('finding' in found) missing.push(found.finding);
    else values[name] = found.value;
  }
  if (missing.length > 0) return missing;

  const target = { settings, secrets: values };
  const where = references.map(([, reference]) => reference).join(', ');
  const probed = await probe(target, sender, where);
  const isReached = probed.every(({ state }) => state !== 'wrong');
  return sendTest && isReached ? [...probed, await test(target, sender, where)] : probed;
}

async function probe(
  target: Target,
  sender: Sender,
  references: string,
): Promise<readonly CheckFinding[]> {
  if (sender.probe === undefined) {
    return [ok('secrets', `${references} have a value; this kind cannot be asked more`)];
  }
  try {
    return await sender.probe(target);
  } catch (error) {
    return [troubleOf('access', error, references)];
  }
}

async function test(target: Target, sender: Sender, references: string): Promise<CheckFinding> {
  if (sender.sendTest === undefined) {
    return ok('test', 'none is sent: it would stay there as if it were a call');
  }
  try {
    await sender.sendTest(target);
    return ok('test', 'a message that says it is a test was accepted');
  } catch (error) {
    return troubleOf('test', error, references);
  }
}

function troubleOf(what: string, error: unknown, references: string): CheckFinding {
  if (!isOtherSide(error)) throw error;
  // Its message is what to do, and where it concerns a secret, which one that is has to be said.
  if (error instanceof PermanentError) {
    return wrong(what, `refused: ${error.reason} (with ${references})`, error.message);
  }
  return error.reason === 'rate_limited'
    ? warning(what, error.message, 'Check again in a minute.')
    : wrong(what, error.message, 'Check the network here and the address, or check again later.');
}
