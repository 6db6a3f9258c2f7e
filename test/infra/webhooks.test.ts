import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { declare, removeAssemblies } from './template.ts';

afterAll(removeAssemblies);

const { resources } = declare();

const all = (type: string) =>
  resources
    .filter((resource) => resource.type === type)
    .map(({ path, properties }) => ({ path, ...properties }));

describe('the HTTP API', () => {
  it('has one route, to the function that verifies webhooks', () => {
    expect(all('AWS::ApiGatewayV2::Route')).toMatchObject([
      { RouteKey: 'POST /webhooks/{connection}/{check}', AuthorizationType: 'NONE' },
    ]);
    expect(all('AWS::ApiGatewayV2::Integration')).toMatchObject([
      {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: 'Webhooks/Webhook',
        PayloadFormatVersion: '2.0',
      },
    ]);
  });

  it('lets in no more than is declared, in bursts and in the long run', () => {
    expect(all('AWS::ApiGatewayV2::Stage')).toMatchObject([
      { DefaultRouteSettings: { ThrottlingBurstLimit: 600, ThrottlingRateLimit: 300 } },
    ]);
  });

  it('may invoke its function by that route only, and nobody else may', () => {
    expect(all('AWS::Lambda::Permission')).toMatchObject([
      {
        FunctionName: 'Webhooks/Webhook',
        Principal: 'apigateway.amazonaws.com',
        SourceArn:
          'arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:Webhooks/Api/*/*/webhooks/{connection}/{check}',
      },
    ]);
  });

  it('logs statuses and times, and nothing of who sent what', () => {
    const [stage] = all('AWS::ApiGatewayV2::Stage');
    const settings = z.object({ AccessLogSettings: z.object({ Format: z.string() }) }).parse(stage);
    const format = z
      .record(z.string(), z.string())
      .parse(JSON.parse(settings.AccessLogSettings.Format));

    expect(Object.values(format).toSorted()).toEqual([
      '$context.error.responseType',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  it('counts what it throttles by the status that its log has', () => {
    expect(all('AWS::Logs::MetricFilter')).toMatchObject([
      {
        FilterPattern: '{ $.status = "429" }',
        LogGroupName: 'Webhooks/AccessLog',
        MetricTransformations: [{ MetricName: 'WebhooksThrottled', MetricNamespace: 'Callwire' }],
      },
    ]);
  });
});
