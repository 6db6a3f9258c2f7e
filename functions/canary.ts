import middy from '@middy/core';
import * as z from 'zod';
import { canaryDeps } from '../lib/adapters/deps/canary.ts';
import { type CanaryDeps, sendCanary } from '../lib/canary/send-canary.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

const inputSchema = z.object({ scheduledAt: z.iso.datetime() });

/** Runs every quarter of an hour: looks whether the last canary arrived, and sends the next. */
export const createHandler = (build: () => CanaryDeps) =>
  middy<unknown, void, Error, WithDeps<CanaryDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((event: unknown, { deps }: WithDeps<CanaryDeps>) =>
      sendCanary(new Date(inputSchema.parse(event).scheduledAt), deps),
    );

export const handler = createHandler(() => canaryDeps(process.env));
