import { type Call, isFinal } from '../calls/call.ts';
import { normalizeCall } from '../calls/normalize-call.ts';
import { mergeCalls } from '../calls/version.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { isListed, type Provider } from '../providers/provider.ts';
import { isoInstant } from '../time.ts';

/** How records are read today. */
export interface Reading {
  readonly settings: ConnectionSettings;
  readonly provider: Provider;
}

/**
 * The call that kept records tell of, as it would be read today: the row of a list, with what its detail
 * adds. A record by itself may be either, and is read as whatever it can be. Undefined: nobody can read them.
 */
export function readAgain(
  records: readonly unknown[],
  { settings, provider }: Reading,
): { readonly call: Call; readonly endedBy: string | null } | undefined {
  const [first, second = first] = records;
  const read = [provider.list.readRow(first), provider.detail?.readRecord(second)]
    .filter((record) => record !== undefined)
    .filter(isListed);
  const [row, detail = row] = read;
  if (!row || !detail) return undefined;
  const calls = [row, detail].map(({ facts }) => normalizeCall(facts, provider, settings));
  const call = calls.reduce(mergeCalls);
  const updatedAt = detail.facts.updatedAt ? isoInstant(detail.facts.updatedAt) : undefined;
  return { call, endedBy: (isFinal(call) && updatedAt) || null };
}
