import { createServer } from 'node:http';
import { type Listening, listen } from './listen.ts';
import type { SamvaRow } from './scripted-samva.ts';

/** Samva's list on one page, of rows that come while it runs. */
export const startSamvaStandIn = (rows: readonly SamvaRow[]): Promise<Listening> =>
  listen(
    createServer((_request, response) => {
      const pagination = { page: 1, limit: 100, total: rows.length, totalPages: 1 };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ items: rows, pagination }));
    }),
  );
