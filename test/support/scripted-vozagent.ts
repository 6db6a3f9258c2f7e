import { PermanentError } from '../../lib/errors.ts';
import type { HttpClient } from '../../lib/http.ts';

export interface VozagentRow {
  readonly id: string;
  readonly call_status: string;
  readonly call_started_at: string;
  readonly call_ended_at?: string;
}

/** VozAgent's list as its page describes it: a hundred rows at most from an offset, and no filter by time. */
export function scriptedVozagent() {
  const rows: VozagentRow[] = [];
  const offsets: number[] = [];
  const script: { before: (offset: number) => void } = { before: () => {} };
  const http =
    (now: () => Date): HttpClient =>
    async ({ url }) => {
      if (url.pathname !== '/v1/calls') throw new PermanentError('not_found', 'answered 404');
      const offset = Number(url.searchParams.get('offset'));
      script.before(offset);
      offsets.push(offset);
      const body = structuredClone(rows.slice(offset, offset + 100));
      return { body, requestedAt: now(), receivedAt: now() };
    };
  return { rows, offsets, script, http };
}
