import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { routeDeps } from '../lib/adapters/deps/route.ts';
import { eventSchema } from '../lib/events/event.ts';
import { type TellDeps, tell } from '../lib/routing/tell.ts';
import { eachMessage } from './batch.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

/**
 * An archive's replay is the event as it was, and says so beside it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
 */
const busEventSchema = z
  .object({ detail: eventSchema, 'replay-name': z.string().optional() })
  .transform(({ detail, 'replay-name': replay }) =>
    replay === undefined ? detail : { ...detail, replay: true },
  );

/** Reads the route queue: each event of the bus goes to those whom the routes name. */
export const createHandler = (build: () => TellDeps) =>
  middy<SQSEvent, SQSBatchResponse, Error, WithDeps<TellDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((event: SQSEvent, { deps }: WithDeps<TellDeps>) =>
      eachMessage(event, async (body) => tell(busEventSchema.parse(body), deps)),
    );

export const handler = createHandler(() => routeDeps(process.env));
