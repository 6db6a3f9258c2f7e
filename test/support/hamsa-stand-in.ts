import { createServer } from 'node:http';
import { type Listening, listen } from './listen.ts';

/** A record as the list page documents it: https://docs.tryhamsa.com/api-reference/endpoint/list-minimal-calls */
export interface HamsaRow {
  id: string;
  createdAt: string;
  status: string;
  [field: string]: unknown;
}

/** Rows at some time after the first request: what changes between two polls. */
export type Rows = (msSinceFirstRequest: number) => HamsaRow[];

/**
 * Hamsa as its two pages describe it, and nothing more: a list with a window on `createdAt`, and one
 * conversation by its id. It shares no code with the simulator, so that neither hides the other's mistakes.
 */
export async function startHamsaStandIn(key: string, rows: Rows): Promise<Listening> {
  let firstAt: number | undefined;
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Token ${key}`) return answer(401, { success: false });

    firstAt ??= Date.now();
    const now = rows(Date.now() - firstAt);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hamsa');
    const ok = (data: unknown) => answer(200, { success: true, message: 'success', data });
    if (pathname === '/v1/voice-agents/conversations/minimal-list') {
      const [from, to] = ['startTime', 'endTime'].map((name) => Number(searchParams.get(name)));
      const page = Number(searchParams.get('page') ?? 1);
      const perPage = Math.min(200, Number(searchParams.get('perPage') ?? 100));
      const calls = now.filter(({ createdAt }) => {
        const at = Date.parse(createdAt);
        return !(at < (from ?? 0)) && !(to && at > to);
      });
      const slice = calls.slice((page - 1) * perPage, page * perPage);
      return ok({ total: now.length, filtered: calls.length, calls: slice });
    }
    const [, id] = /^\/v1\/voice-agents\/conversation\/(.+)$/.exec(pathname) ?? [];
    const row = now.find((candidate) => candidate.id === id);
    if (!row) return answer(404, { success: false, message: 'not found' });
    const { duration, agentName: _name, ...rest } = row;
    return ok({ ...rest, callDuration: duration, mediaUrl: 'https://media.example.com/1.mp3' });
  });
  return listen(server);
}
