import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { publishDeps } from '../lib/adapters/deps/publish.ts';
import { transitionsOf } from '../lib/adapters/stream-records.ts';
import { publishTransitions } from '../lib/events/publish-transitions.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

type Deps = ReturnType<typeof publishDeps>;

/** Reads the stream of the Calls table: what was committed is announced. */
export const createHandler = (build: () => Deps) =>
  middy<DynamoDBStreamEvent, DynamoDBBatchResponse, Error, WithDeps<Deps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler(async ({ Records }: DynamoDBStreamEvent, { deps }: WithDeps<Deps>) => {
      const failed = await publishTransitions(transitionsOf(Records), deps);
      return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
    });

export const handler = createHandler(() => publishDeps(process.env));
