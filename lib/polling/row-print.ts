import { meaningOf } from '../calls/normalize-call.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { fingerprint } from '../hash.ts';
import type { Listed, Provider } from '../providers/provider.ts';

/** What makes a row look new. Links differ at every read where they are signed, so only whether there is one counts. */
export const rowPrint = (
  { facts }: Listed,
  { provider, settings }: { readonly provider: Provider; readonly settings: ConnectionSettings },
): string =>
  fingerprint({
    ...facts,
    // An override of the operator's is news of every call that it is about.
    meaning: meaningOf(facts, provider, settings),
    recordingUrl: Boolean(facts.recordingUrl),
    transcriptUrl: Boolean(facts.transcriptUrl),
  });
