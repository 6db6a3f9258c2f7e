import middy from '@middy/core';
import * as z from 'zod';
import { dispatchDeps } from '../lib/adapters/deps/dispatch.ts';
import { type DispatchDeps, dispatchPolls } from '../lib/polling/dispatch-polls.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

const inputSchema = z.object({ scheduledAt: z.iso.datetime() });

/** Runs each minute, and sends the ticks of that minute. */
export const createHandler = (build: () => DispatchDeps) =>
  middy<unknown, unknown, Error, WithDeps<DispatchDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler(async (event: unknown, { deps }: WithDeps<DispatchDeps>) => {
      const { scheduledAt } = inputSchema.parse(event);
      const dispatched = await dispatchPolls(new Date(scheduledAt), deps);
      deps.log('info', 'dispatched', dispatched);
      return dispatched;
    });

export const handler = createHandler(() => dispatchDeps(process.env));
