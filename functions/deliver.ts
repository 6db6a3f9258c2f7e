import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { sender } from '#sender';
import { deliverDeps } from '../lib/adapters/deps/deliver.ts';
import { deliver } from '../lib/delivery/deliver.ts';
import type { DeliverDeps } from '../lib/delivery/deliver-deps.ts';
import { deliveryMessageSchema } from '../lib/delivery/delivery.ts';
import { deliveryAge, logAges } from '../lib/delivery/delivery-age.ts';
import { eachMessage } from './batch.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

/** Reads the queue of one kind of destination; which, was decided when it was bundled (`#sender`). */
export const createHandler = (build: () => DeliverDeps) =>
  middy<SQSEvent, SQSBatchResponse, Error, WithDeps<DeliverDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler(async (event: SQSEvent, { deps }: WithDeps<DeliverDeps>) => {
      const ages: number[] = [];
      const answer = await eachMessage(event, async (body) => {
        const message = deliveryMessageSchema.parse(body);
        ages.push(...deliveryAge(message, await deliver(message, deps)));
      });
      logAges(ages, deps);
      return answer;
    });

export const handler = createHandler(() => deliverDeps(process.env, sender));
