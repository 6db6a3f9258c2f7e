import * as z from 'zod';
import type { HttpApiDefinition, HttpRoute } from './declarations.ts';
import { declared } from './declared.ts';
import type { Identity } from './identity.ts';

const apiSchema = declared({ ProtocolType: z.literal('HTTP') }, [
  'Description',
  'DisableExecuteApiEndpoint',
  'Name',
  'Tags',
]);

const stageSchema = declared(
  {
    ApiId: z.string(),
    StageName: z.literal('$default'),
    AutoDeploy: z.literal(true),
    DefaultRouteSettings: z
      .strictObject({
        ThrottlingBurstLimit: z.number().optional(),
        ThrottlingRateLimit: z.number().optional(),
      })
      .default({}),
  },
  ['AccessLogSettings', 'Tags'],
);

const integrationSchema = declared(
  {
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string().regex(/:lambda:/, 'only functions are emulated behind an HTTP API'),
    PayloadFormatVersion: z.literal('2.0'),
  },
  ['Description'],
);

const routeSchema = declared(
  {
    ApiId: z.string(),
    AuthorizationType: z.literal('NONE').default('NONE'),
    RouteKey: z.string().regex(/^[A-Z]+ \/\S*$/, 'only routes of a method and a path are emulated'),
    Target: z.string().startsWith('integrations/'),
  },
  [],
);

/** An `AWS::ApiGatewayV2::Api`, without what other resources say of it. */
export function readApi({ name }: Identity, properties: unknown): string {
  apiSchema.parse(properties);
  return name;
}

export const readStage = (_: Identity, properties: unknown) => stageSchema.parse(properties);

export const readIntegration = ({ name }: Identity, properties: unknown) => {
  const { IntegrationUri } = integrationSchema.parse(properties);
  return { name, functionName: IntegrationUri.replace(/^.*:function:/, '') };
};

export const readRoute = (_: Identity, properties: unknown) => routeSchema.parse(properties);

/**
 * Puts an HTTP API together from its resources. There is one at most: the local system serves it at the
 * root of an address of its own.
 *
 * @throws Error for a second API, or a route that leads nowhere
 */
export function assembleApi(parts: {
  readonly apis: readonly string[];
  readonly stages: readonly ReturnType<typeof readStage>[];
  readonly integrations: readonly ReturnType<typeof readIntegration>[];
  readonly routes: readonly ReturnType<typeof readRoute>[];
}): HttpApiDefinition | undefined {
  const [id, ...others] = parts.apis;
  if (id === undefined) return undefined;
  if (others.length > 0) throw new Error('only one HTTP API is emulated');
  const stage = parts.stages.find(({ ApiId }) => ApiId === id);
  if (stage === undefined)
    throw new Error(`${id} has no stage $default, so nothing of it is reached`);
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = stage.DefaultRouteSettings;
  return {
    id,
    throttle: rate === undefined || burst === undefined ? undefined : { perSecond: rate, burst },
    routes: parts.routes.map(({ RouteKey, Target }): HttpRoute => {
      const target = Target.replace('integrations/', '');
      const integration = parts.integrations.find(({ name }) => name === target);
      if (integration === undefined)
        throw new Error(`${RouteKey} leads to ${Target}, which is not there`);
      const [method = '', path = ''] = RouteKey.split(' ');
      return { key: RouteKey, method, path, functionName: integration.functionName };
    }),
  };
}
