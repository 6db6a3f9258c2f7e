import type { ConnectionSettings } from '../config/settings.ts';
import { normalizePhone } from '../phone.ts';
import type { CallFacts, Provider } from '../providers/provider.ts';
import { isoInstant } from '../time.ts';
import { type Call, conclude, type StatusMeaning } from './call.ts';

const UNKNOWN: StatusMeaning = { status: 'unknown', reason: null };

const MAX_WORD = 256;
const MAX_URL = 2_048;
const MAX_SUMMARY = 8_192;
const MAX_ATTRIBUTE = 2_048;
const MAX_ATTRIBUTES = 16_384;
/** Longer than any conversation: a number beyond it has another unit, or is no duration. */
const MAX_DURATION_SECONDS = 31 * 86_400;

/** What does not fit here is whole in the raw record. Never cut in the middle of a character. */
function clip(text: string | null | undefined, max = MAX_WORD): string | null {
  if (text === null || text === undefined || text === '') return null;
  // Half a character, which JSON can carry, is refused by some of those who read it later.
  if (text.length <= max) return text.toWellFormed();
  return `${text
    .slice(0, max - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed()}…`;
}

/** Half a link leads nowhere, so a link that is too long is left out. Only http(s) is a link. */
const link = (url: string | null | undefined): string | null =>
  url && url.length <= MAX_URL && /^https?:\/\//i.test(url) ? url : null;

/** Only years 1000 to 2999: others are no date of a call, and past four digits ISO strings do not sort. */
function instant(text: string | null | undefined): string | null {
  const iso = text ? isoInstant(text) : undefined;
  return iso !== undefined && iso > '1' && iso < '3' ? iso : null;
}

/** To the millisecond: stores hold no number of any size, and no call is measured finer. */
const duration = (seconds: number | null | undefined): number | null =>
  typeof seconds === 'number' && seconds >= 0 && seconds <= MAX_DURATION_SECONDS
    ? // Without the sign of a zero, which JSON drops.
      Math.abs(Math.round(seconds * 1000) / 1000)
    : null;

function attributesOf(facts: CallFacts['attributes']): Call['attributes'] {
  const kept: Call['attributes'] = {};
  let size = 0;
  for (const [name, told] of Object.entries(facts ?? {})) {
    const value = typeof told === 'string' ? clip(told, MAX_ATTRIBUTE) : told;
    if (value === undefined || value === null) continue;
    const length = JSON.stringify(value).length;
    size += name.length + length;
    if (size > MAX_ATTRIBUTES) break;
    if (typeof value === 'string' || length <= MAX_ATTRIBUTE) kept[name] = value;
  }
  return kept;
}

/** What a provider's word for the status means here, overrides first. */
export function meaningOf(
  { providerStatus, derivedStatus }: CallFacts,
  { statuses }: Provider,
  { statusOverrides }: ConnectionSettings,
): StatusMeaning {
  const word = providerStatus ?? '';
  const known = Object.hasOwn(statusOverrides, word)
    ? statusOverrides[word]
    : Object.hasOwn(statuses, word)
      ? statuses[word]
      : undefined;
  return known ?? derivedStatus ?? UNKNOWN;
}

/**
 * When a call began that is open, as far as the provider says: some are created when they have started,
 * some start long after. Undefined for a call that is over.
 */
export function openSince(
  facts: CallFacts,
  provider: Provider,
  settings: ConnectionSettings,
): string | null | undefined {
  const { outcome } = conclude(meaningOf(facts, provider, settings), instant(facts.endedAt));
  return outcome === 'open' ? beginOf(facts) : undefined;
}

/** The first instant of a call; null when it has none. */
export function beginOf({ createdAt, startedAt }: Pick<CallFacts, 'createdAt' | 'startedAt'>) {
  const [created, started] = [instant(createdAt), instant(startedAt)];
  return created !== null && started !== null && started < created ? started : (created ?? started);
}

/** Which side of the call each number is on: by role where the provider names roles, else by direction. */
function numbersOf(facts: CallFacts, region: string | undefined) {
  const [from, to] = [normalizePhone(facts.from, region), normalizePhone(facts.to, region)];
  const contact = facts.direction === 'outbound' ? to : facts.direction === 'inbound' ? from : null;
  const agent = facts.direction === 'outbound' ? from : facts.direction === 'inbound' ? to : null;
  const numbers = {
    from,
    to,
    contactNumber: normalizePhone(facts.contactNumber, region) ?? contact,
    agentNumber: normalizePhone(facts.agentNumber, region) ?? agent,
  };
  return {
    from: clip(numbers.from),
    to: clip(numbers.to),
    contactNumber: clip(numbers.contactNumber),
    agentNumber: clip(numbers.agentNumber),
  };
}

/** A provider's facts as a call of ours. Bounded in size, whatever the provider sends. */
export function normalizeCall(
  facts: CallFacts,
  provider: Provider,
  settings: ConnectionSettings,
): Call {
  const endedAt = instant(facts.endedAt);
  const id = encodeURIComponent(facts.id);
  return {
    connection: settings.id,
    provider: provider.id,
    id: facts.id,
    ...conclude(meaningOf(facts, provider, settings), endedAt),
    providerStatus: clip(facts.providerStatus),
    direction: facts.direction ?? null,
    channel: clip(facts.channel),
    agent: { id: clip(facts.agentId), name: clip(facts.agentName) },
    ...numbersOf(facts, settings.phoneRegion),
    contactId: clip(facts.contactId),
    createdAt: instant(facts.createdAt),
    startedAt: instant(facts.startedAt),
    answeredAt: instant(facts.answeredAt),
    endedAt,
    durationSeconds: duration(facts.durationSeconds),
    summary: clip(facts.summary, MAX_SUMMARY),
    recordingUrl: link(facts.recordingUrl),
    transcriptUrl: link(facts.transcriptUrl),
    url: settings.callUrl ? link(settings.callUrl.replaceAll('{id}', id)) : null,
    attributes: attributesOf(facts.attributes),
  };
}
