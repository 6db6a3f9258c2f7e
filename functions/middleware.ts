import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { createLog, errorFields } from '../lib/log.ts';

export type WithDeps<D> = Context & { deps: D };

/**
 * Puts the dependencies on the context, built once per sandbox by the first invocation: importing a
 * handler needs no environment, and a build that failed is tried again by the next invocation.
 */
export const withDeps = <D>(
  build: () => D | Promise<D>,
): MiddlewareObj<unknown, unknown, Error, WithDeps<D>> => {
  let built: D | undefined;
  return {
    before: async ({ context }) => {
      built ??= await build();
      context.deps = built;
    },
  };
};

/** One line for an invocation that threw; one that did not has logged what it did. */
export const logErrors = (): MiddlewareObj<unknown, unknown, Error> => ({
  onError: ({ context, error }) => {
    createLog()('error', 'invocation failed', {
      function: context.functionName,
      requestId: context.awsRequestId,
      ...errorFields(error),
    });
  },
});

/** Answers an HTTP request whose invocation threw, instead of failing: whoever asked is to ask again. */
export const answerErrors = (statusCode: number): MiddlewareObj<unknown, unknown, Error> => ({
  onError: () => ({ statusCode }),
});
