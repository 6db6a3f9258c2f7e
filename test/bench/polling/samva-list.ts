import { PermanentError } from '../../../lib/errors.ts';
import type { HttpClient } from '../../../lib/http.ts';
import type { Clock } from '../../../lib/time.ts';
import { PAGE } from './baselines.ts';
import { type TraceCall, visibleAt } from './trace.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** A call as Samva's list and its detail have it at an instant: its fields, without those about telephony. */
export function samvaRecord({ id, createdAt, endedAt, updatedAt }: TraceCall, at: number) {
  const isOver = endedAt <= at;
  const hasSummary = updatedAt <= at;
  const created = iso(createdAt);
  return {
    id,
    transport: 'webrtc',
    direction: 'inbound',
    status: isOver ? 'completed' : 'in-progress',
    initiatedAt: created,
    answeredAt: created,
    endedAt: isOver ? iso(endedAt) : null,
    durationSeconds: isOver ? Math.round((endedAt - createdAt) / 1000) : null,
    summary: hasSummary ? 'The caller asked for an appointment and got one.' : null,
    createdAt: created,
    updatedAt: hasSummary ? iso(updatedAt) : isOver ? iso(endedAt) : created,
  };
}

/** Samva's call list over a trace, newest first, and its detail, without a network or a wait. */
export function samvaOver(calls: readonly TraceCall[], now: Clock): HttpClient {
  const indexOf = new Map(calls.map(({ id }, index) => [id, index]));
  // Rows of the past do not change any more.
  const settled: ReturnType<typeof samvaRecord>[] = [];

  function row(index: number, at: number) {
    const call = calls[index];
    if (!call) throw new PermanentError('not_found', 'answered 404');
    const known = settled[index];
    if (known) return known;
    const record = samvaRecord(call, at);
    if (call.updatedAt <= at) settled[index] = record;
    return record;
  }

  function list(query: URLSearchParams, at: number) {
    const limit = Math.min(Number(query.get('limit')), PAGE);
    const page = Number(query.get('page'));
    const total = visibleAt(calls, at);
    const last = total - (page - 1) * limit;
    const indexes = Array.from(
      { length: Math.min(limit, Math.max(0, last)) },
      (_, n) => last - 1 - n,
    );
    return {
      items: indexes.map((index) => row(index, at)),
      pagination: { total, totalPages: Math.ceil(total / limit) },
    };
  }

  return async ({ url }) => {
    const at = now();
    const id = /\/voice\/calls\/(.+)$/.exec(url.pathname)?.[1];
    const body =
      id === undefined
        ? list(url.searchParams, at.getTime())
        : row(indexOf.get(decodeURIComponent(id)) ?? -1, at.getTime());
    return { body, requestedAt: at, receivedAt: at };
  };
}
