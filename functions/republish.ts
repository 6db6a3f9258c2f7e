import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { republishDeps } from '../lib/adapters/deps/republish.ts';
import { republish } from '../lib/events/publish-transitions.ts';
import { eachMessage } from './batch.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

type Deps = ReturnType<typeof republishDeps>;

/** Reads what Lambda says of stream batches that it gave up on, and announces their items again. */
export const createHandler = (build: () => Deps) =>
  middy<SQSEvent, SQSBatchResponse, Error, WithDeps<Deps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((event: SQSEvent, { deps }: WithDeps<Deps>) =>
      eachMessage(event, async (body) => {
        const { items, unreadable } = await deps.itemsOf(body);
        const { events, refused } = await republish(items, deps);
        deps.log('warn', 'announced again', { events });
        if (refused + unreadable > 0) {
          throw new Error(`${refused} events were refused, ${unreadable} items cannot be read`);
        }
      }),
    );

export const handler = createHandler(() => republishDeps(process.env));
