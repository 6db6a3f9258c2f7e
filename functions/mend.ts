import middy from '@middy/core';
import * as z from 'zod';
import { mendDeps } from '../lib/adapters/deps/mend.ts';
import { type MendDeps, mendGaps } from '../lib/proof/mend-gaps.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

const inputSchema = z.object({ scheduledAt: z.iso.datetime() });

/** Runs every half hour: finds calls that somebody was not told of, and announces them again. */
export const createHandler = (build: () => MendDeps) =>
  middy<unknown, void, Error, WithDeps<MendDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((event: unknown, { deps }: WithDeps<MendDeps>) =>
      mendGaps(new Date(inputSchema.parse(event).scheduledAt), deps),
    );

export const handler = createHandler(() => mendDeps(process.env));
