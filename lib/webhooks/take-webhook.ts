import { isFinal } from '../calls/call.ts';
import { normalizeCall } from '../calls/normalize-call.ts';
import { recordObservation } from '../calls/record-observation.ts';
import { materialChanges, mergeCalls, type Observation } from '../calls/version.ts';
import { withheldBy } from '../polling/begin-poll.ts';
import { rowPrint } from '../polling/row-print.ts';
import type { WebhookBody } from '../providers/provider.ts';
import { isoInstant } from '../time.ts';
import type { PollAtOnce } from './poll-at-once.ts';
import type { Target, Unattributed, WebhookDeps } from './ports.ts';

/** What became of an authentic webhook. */
export type Taken =
  /** It carried its call, which is recorded. */
  | 'carried'
  /** A poll was asked for, or had been: a hint that there is news. */
  | 'hinted'
  /** It is kept for a person; a poll was asked for as well. */
  | 'unattributed'
  /** It is about nothing that is recorded. */
  | 'ignored';

export type TakeDeps = WebhookDeps & { readonly pollAtOnce: PollAtOnce };

/** What it takes once it is known to be authentic. */
export type AuthenticDeps = Pick<
  TakeDeps,
  'calls' | 'raws' | 'baselineOf' | 'unattributed' | 'pollAtOnce' | 'now' | 'count'
>;

/** The earlier of its arrival and what it says itself: one that was under way for an hour shows what was true then. */
function seenAt({ sentAt }: WebhookBody, arrived: Date): string {
  const said = sentAt === undefined ? undefined : isoInstant(sentAt);
  const arrival = arrived.toISOString();
  return said !== undefined && said < arrival ? said : arrival;
}

/**
 * The call that a webhook carries, when it can be recorded as it is; undefined where a poll knows
 * better. Only a call that is over, in a word that is known, with a date to judge its age by, and of a
 * provider whose list alone says what readers need: a poll reads the detail and announces it whole.
 * An open call is better found by polling, which then remembers to look at it again.
 */
function carriedCall(
  { settings, provider }: Target,
  body: WebhookBody,
  arrived: Date,
): Observation | undefined {
  const { listed } = body;
  if (!listed || provider.detail?.enriches) return undefined;
  const call = normalizeCall(listed.facts, provider, settings);
  if (!isFinal(call) || call.status === 'unknown' || call.endedAt === null) return undefined;
  return {
    call,
    seenAt: seenAt(body, arrived),
    receivedAt: arrived.toISOString(),
    endedBy: null,
    rowPrint: rowPrint(listed, { settings, provider }),
    raw: [listed.raw],
  };
}

/** Records the call. False: it says something else than what is stored, or nobody knows yet what is news. */
async function record(
  seen: Observation,
  { settings, provider }: Target,
  deps: Pick<AuthenticDeps, 'calls' | 'raws' | 'baselineOf' | 'now'>,
): Promise<boolean> {
  const { connection, id } = seen.call;
  const begun = await deps.baselineOf(connection);
  if (!begun) return false;
  const known = (await deps.calls.get(connection, [id], { fresh: true })).get(id);
  const policy = {
    baselineAt: begun.baselineAt,
    announceWithinMs: settings.announceWithin,
    withheld: withheldBy(settings, provider),
    via: 'webhook',
    now: deps.now(),
  } as const;
  const { stored } = await recordObservation(seen, known, policy, deps);
  // Of what was added nothing is left to say; what still differs was not written.
  return materialChanges(stored.call, mergeCalls(stored.call, seen.call)).length === 0;
}

function parse(bytes: Uint8Array): { json: unknown } | Unattributed {
  let body: string;
  try {
    body = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const base64 = Buffer.from(bytes).toString('base64');
    return { body: base64, encoding: 'base64', rule: 'is not text' };
  }
  try {
    return { json: JSON.parse(body) };
  } catch {
    return { body, encoding: 'text', rule: 'is not JSON' };
  }
}

function read(bytes: Uint8Array, { provider }: Target): WebhookBody | Unattributed {
  const parsed = parse(bytes);
  if (!('json' in parsed)) return parsed;
  const body = provider.webhook.read(parsed.json);
  if (body) return body;
  return {
    body: Buffer.from(bytes).toString(),
    encoding: 'text',
    rule: 'is not what the provider describes',
  };
}

/**
 * Takes a webhook that is authentic. When this is done, everything is safe: the call is recorded, or a
 * poll is on its way, or what cannot be made out is kept. Taken twice, it changes nothing more.
 *
 * @param arrived when it came, where that was not just now: it shows what was true then
 */
export async function takeWebhook(
  bytes: Uint8Array,
  target: Target,
  deps: AuthenticDeps,
  arrived = deps.now(),
): Promise<Taken> {
  const body = read(bytes, target);
  if ('rule' in body) {
    await deps.unattributed.keep(target.settings.id, body, arrived);
    deps.count('WebhooksUnattributed', 1);
    await deps.pollAtOnce(target);
    return 'unattributed';
  }
  if (!body.concernsCalls) return 'ignored';
  const seen = carriedCall(target, body, arrived);
  if (seen && (await record(seen, target, deps))) return 'carried';
  await deps.pollAtOnce(target);
  return 'hinted';
}
