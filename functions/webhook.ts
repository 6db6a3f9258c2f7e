import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { webhookDeps } from '../lib/adapters/deps/webhook.ts';
import { receiveWebhook } from '../lib/webhooks/receive-webhook.ts';
import type { TakeDeps } from '../lib/webhooks/take-webhook.ts';
import { answerErrors, logErrors, type WithDeps, withDeps } from './middleware.ts';

/** Answers the HTTP API: each request is a webhook of a provider's. */
export const createHandler = (build: () => TakeDeps) =>
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, WithDeps<TakeDeps>>()
    .use(answerErrors(503))
    .use(logErrors())
    .use(withDeps(build))
    .handler(async (event: APIGatewayProxyEventV2, { deps }: WithDeps<TakeDeps>) => {
      const { headers, pathParameters, isBase64Encoded, body = '' } = event;
      const { connection = '', check = '' } = pathParameters ?? {};
      const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
      const webhook = { path: { connection, check }, headers, body: bytes };
      return { statusCode: await receiveWebhook(webhook, deps) };
    });

export const handler = createHandler(() => webhookDeps(process.env));
