import type { ConnectionSettings } from '../config/settings.ts';
import { TransientError } from '../errors.ts';
import type { JsonAnswer } from '../http.ts';
import type { Provider, ProviderRequest } from '../providers/provider.ts';
import { addMs } from '../time.ts';
import type { PollDeps } from './ports.ts';

/** A provider as one poll talks to it. */
export interface Asker {
  ask(request: ProviderRequest, timeoutMs: number): Promise<JsonAnswer>;
  /** Until when the provider told us to wait, and how; undefined when it did not. */
  paused(): { readonly until: Date; readonly by: TransientError } | undefined;
}

/** Asks a provider, and stops asking for as long as it once told us to wait. */
export function askerOf(
  settings: ConnectionSettings,
  provider: Provider,
  deps: Pick<PollDeps, 'http' | 'now' | 'secret'>,
  { freshKey }: { freshKey: boolean },
): Asker {
  const base = (settings.baseUrl ?? provider.baseUrl).replace(/\/+$/, '');
  let paused: ReturnType<Asker['paused']>;
  let headers: Readonly<Record<string, string>> | undefined;
  const ask = async (request: ProviderRequest, timeoutMs: number): Promise<JsonAnswer> => {
    if (paused && deps.now() < paused.until) {
      throw new TransientError(`${provider.id} asked us to wait`, { reason: 'rate_limited' });
    }
    headers ??= provider.authorize(await deps.secret(settings.key, { fresh: freshKey }));
    const url = new URL(base + request.path);
    for (const [name, value] of request.query) url.searchParams.append(name, value);
    try {
      return await deps.http({ method: 'GET', url, headers, timeoutMs });
    } catch (error) {
      if (error instanceof TransientError && error.reason === 'rate_limited') {
        const waitMs = error.retryAfterMs ?? settings.poll.every;
        const until = addMs(deps.now(), waitMs);
        if (!paused || until > paused.until) paused = { until, by: error };
      }
      throw error;
    }
  };
  return { ask, paused: () => paused };
}
