import middy from '@middy/core';
import { resumeDeps } from '../lib/adapters/deps/resume.ts';
import { type ResumeDeps, resumeDeliveries } from '../lib/delivery/resume.ts';
import { logErrors, type WithDeps, withDeps } from './middleware.ts';

/** Called every minute: looks after deliveries that no message will bring back by itself. */
export const createHandler = (build: () => ResumeDeps) =>
  middy<unknown, void, Error, WithDeps<ResumeDeps>>()
    .use(logErrors())
    .use(withDeps(build))
    .handler((_event: unknown, { deps }: WithDeps<ResumeDeps>) => resumeDeliveries(deps));

export const handler = createHandler(() => resumeDeps(process.env));
