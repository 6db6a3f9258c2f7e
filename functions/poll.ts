import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type PollFunctionDeps, pollDeps } from '../lib/adapters/deps/poll.ts';
import { pollTick, tickSchema } from '../lib/polling/tick.ts';
import { eachMessage } from './batch.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

/** Time kept back for writing down what was seen before the function is stopped. */
const RESERVE_MS = 15_000;

/** Reads the poll queue: each message is a tick for some connections. */
export const createHandler = (build: () => PollFunctionDeps) =>
  middy<SQSEvent, SQSBatchResponse, Error, WithDeps<PollFunctionDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((event: SQSEvent, { deps, getRemainingTimeInMillis }: WithDeps<PollFunctionDeps>) => {
      const deadline = new Date(Date.now() + getRemainingTimeInMillis() - RESERVE_MS);
      return eachMessage(event, async (body) =>
        pollTick(tickSchema.parse(body), { ...deps, deadline }),
      );
    });

export const handler = createHandler(() => pollDeps(process.env));
