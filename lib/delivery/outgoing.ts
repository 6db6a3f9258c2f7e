import type { CommonSettings, Outgoing, Pace } from '../destinations/destination.ts';
import { PermanentError } from '../errors.ts';
import type { DeliverDeps, Freshness } from './deliver-deps.ts';
import { sharedWith } from './shared-with.ts';
import type { Work } from './work.ts';

/** Two kinds of destination never share a pace, whatever they call their channels. */
export function pacing(settings: CommonSettings, { sender }: DeliverDeps): Pace | undefined {
  const pace = sender.definition.pace(settings);
  return pace && { ...pace, key: `${settings.kind}#${pace.key}` };
}

/**
 * What a sender needs: settings that are checked, and the secrets they refer to.
 *
 * @throws PermanentError when only a person can make the configuration fit
 */
export async function outgoingOf(work: Work, freshness: Freshness): Promise<Outgoing> {
  const { message, deps } = work;
  const { kind, secrets, settings: schema } = deps.sender.definition;
  const configured = await deps.settingsOf(message.destination, freshness);
  if (configured === undefined || configured.kind !== kind) {
    throw new PermanentError(
      'destination_removed',
      `The configuration has no ${kind} destination "${message.destination}" any more: add it again and apply, or leave this delivery.`,
    );
  }
  const parsed = schema.safeParse(configured);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new PermanentError(
      'settings_invalid',
      `The settings of destination "${message.destination}" are not valid (${fields}): correct them and apply.`,
      { scope: 'destination' },
    );
  }
  work.settings = parsed.data;
  const values: Record<string, string> = {};
  for (const name of secrets) {
    const reference = configured[name];
    if (typeof reference === 'string') values[name] = await secretOf(reference, deps, freshness);
  }
  const event = sharedWith(message.event, parsed.data.omit ?? []);
  return { event, settings: parsed.data, secrets: values };
}

/** What is said of a secret without knowing whose it is concerns all that is sent with it. */
async function secretOf(
  reference: string,
  deps: DeliverDeps,
  freshness: Freshness,
): Promise<string> {
  try {
    return await deps.secretOf(reference, freshness);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new PermanentError(error.reason, error.message, { scope: 'destination', cause: error });
  }
}
