import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type SweepFunctionDeps, sweepDeps } from '../lib/adapters/deps/sweep.ts';
import { sweepMessageSchema } from '../lib/ranges/ports.ts';
import { workOnSweep } from '../lib/ranges/work-on-sweep.ts';
import { eachMessage } from './batch.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

/** Time kept back for writing down what was seen before the function is stopped. */
const RESERVE_MS = 15_000;

/** Reads the sweep queue: each message is the next slice of a sweep or a backfill, or a watch list. */
export const createHandler = (build: () => SweepFunctionDeps) =>
  middy<SQSEvent, SQSBatchResponse, Error, WithDeps<SweepFunctionDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((event: SQSEvent, { deps, getRemainingTimeInMillis }: WithDeps<SweepFunctionDeps>) => {
      const deadline = new Date(Date.now() + getRemainingTimeInMillis() - RESERVE_MS);
      return eachMessage(event, async (body) =>
        workOnSweep(sweepMessageSchema.parse(body), { ...deps, deadline }),
      );
    });

export const handler = createHandler(() => sweepDeps(process.env));
