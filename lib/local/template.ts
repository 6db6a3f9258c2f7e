import { prettifyError, ZodError } from 'zod';
import { type Assembly, readAssembly } from './template/assembly.ts';
import {
  readAsyncPolicy,
  readFunction,
  readMapping,
  readRule,
  readSchedule,
} from './template/compute-resources.ts';
import { readQueue, readSecret, readTable } from './template/data-resources.ts';
import type { LocalTemplate } from './template/declarations.ts';
import {
  assembleApi,
  readApi,
  readIntegration,
  readRoute,
  readStage,
} from './template/http-resources.ts';
import { type Addresses, type Identity, identify, nameProperty } from './template/identity.ts';
import { resolveIntrinsics, type Scope } from './template/intrinsics.ts';
import { refuseLooseEnds } from './template/loose-ends.ts';
import { scopeOf } from './template/scope.ts';

const TABLE = /^AWS::DynamoDB::(Global)?Table$/;

/**
 * Types that do nothing in a running system, or nothing the local one claims to do: permissions,
 * observation. What is neither here nor executed is refused.
 */
const NOT_EXECUTED = [
  /^AWS::(CDK|CloudWatch|EventSchemas|IAM|KMS|Logs|SNS)::/,
  /^AWS::(Events::EventBus|S3::Bucket|SQS::Queue|SQS::QueueInline|SecretsManager::Resource)Policy$/,
  /^AWS::Lambda::Permission$/,
  /^AWS::Scheduler::ScheduleGroup$/,
];

const EXECUTED = [
  TABLE,
  /^AWS::ApiGatewayV2::(Api|Integration|Route|Stage)$/,
  /^AWS::Events::(EventBus|Rule)$/,
  /^AWS::Lambda::(EventInvokeConfig|EventSourceMapping|Function)$/,
  /^AWS::S3::Bucket$/,
  /^AWS::SQS::Queue$/,
  /^AWS::Scheduler::Schedule$/,
  /^AWS::SecretsManager::Secret$/,
];

/**
 * Reads a `cdk.out` folder.
 *
 * @param endpoint address of the embedded AWS: queue URLs begin with it
 * @param httpEndpoint address of the HTTP API, if there is one
 * @throws Error naming the resource, when the template declares what is not emulated or refers to
 *   what it does not have
 */
export function loadTemplate(
  folder: string,
  endpoint: string,
  httpEndpoint = endpoint,
): LocalTemplate {
  const assembly = readAssembly(folder);
  const { template } = assembly;
  const identities = identitiesOf(assembly, { endpoint, httpEndpoint });
  const scope = scopeOf(assembly, identities);

  const resources = Object.entries(template.Resources)
    .filter(([, { Condition }]) => Condition === undefined || holds(Condition, scope))
    .filter(([logicalId, { Type }]) => isExecuted(logicalId, Type))
    .map(([logicalId, { Type, Properties }]) => ({ logicalId, type: Type, declared: Properties }));

  /** The resources of one kind, each as `reader` understands its resolved properties. */
  const read = <Definition>(
    kind: RegExp,
    reader: (identity: Identity, properties: Record<string, unknown>, id: string) => Definition,
  ): NonNullable<Definition>[] =>
    resources
      .filter(({ type }) => kind.test(type))
      .flatMap(({ logicalId, type, declared }) =>
        naming(`${logicalId} (${type})`, () => {
          const identity = identities.get(logicalId) ?? NAMELESS;
          const properties = resolveProperties(declared, scope);
          return reader(identity, properties, logicalId) ?? [];
        }),
      );

  const mappings = read(/::EventSourceMapping$/, (_, properties, id) =>
    readMapping(id, properties),
  );
  const loaded: LocalTemplate = {
    tables: read(TABLE, readTable),
    queues: read(/::Queue$/, readQueue),
    functions: read(/::Function$/, (identity, properties) =>
      readFunction(identity, properties, assembly.assetFolder),
    ),
    asyncPolicies: read(/::EventInvokeConfig$/, (_, properties) => readAsyncPolicy(properties)),
    queueMappings: mappings.filter((mapping) => mapping.kind === 'queue'),
    streamMappings: mappings.filter((mapping) => mapping.kind === 'stream'),
    buses: read(/::EventBus$/, ({ name }) => name),
    rules: read(/::Rule$/, readRule),
    schedules: read(/::Schedule$/, readSchedule),
    httpApi: assembleApi({
      apis: read(/::Api$/, readApi),
      stages: read(/V2::Stage$/, readStage),
      integrations: read(/V2::Integration$/, readIntegration),
      routes: read(/V2::Route$/, readRoute),
    }),
    buckets: read(/::Bucket$/, ({ name }) => name),
    secrets: read(/::Secret$/, readSecret),
    outputs: Object.fromEntries(
      Object.entries(template.Outputs).map(([name, { Value }]) => [
        name,
        naming(`output ${name}`, () => String(resolveIntrinsics(Value, scope))),
      ]),
    ),
    resource: (pathOrLogicalId) => nameOf(pathOrLogicalId, assembly, identities),
  };
  refuseLooseEnds(loaded);
  return loaded;
}

/** Mappings and invoke configurations are known by their logical id alone. */
const NAMELESS: Identity = { name: '', arn: '', ref: '', attributes: {} };

function isExecuted(logicalId: string, type: string): boolean {
  if (EXECUTED.some((pattern) => pattern.test(type))) {
    return true;
  }
  if (NOT_EXECUTED.some((pattern) => pattern.test(type))) {
    return false;
  }
  throw new Error(`${logicalId}: the local system does not know ${type}, and would not run it`);
}

function identitiesOf({ template }: Assembly, addresses: Addresses): ReadonlyMap<string, Identity> {
  const identities = new Map<string, Identity>();
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    const explicit = Properties[nameProperty(Type) ?? ''];
    const identity = identify(
      Type,
      logicalId,
      typeof explicit === 'string' ? explicit : undefined,
      addresses,
    );
    if (identity !== undefined) {
      identities.set(logicalId, identity);
    }
  }
  return identities;
}

function holds(condition: string, scope: Scope): boolean {
  return resolveIntrinsics(scope.condition(condition), scope) === true;
}

function resolveProperties(
  declared: Readonly<Record<string, unknown>>,
  scope: Scope,
): Record<string, unknown> {
  // Through the entries, so that no lone property can be taken for an intrinsic function.
  return Object.fromEntries(
    Object.entries(declared).map(([name, value]) => [name, resolveIntrinsics(value, scope)]),
  );
}

function nameOf(
  pathOrLogicalId: string,
  { rootPath, paths }: Assembly,
  identities: ReadonlyMap<string, Identity>,
): string {
  const candidates = [pathOrLogicalId, `${rootPath}/${pathOrLogicalId}`].flatMap((path) => [
    path,
    paths.get(path),
    paths.get(`${path}/Resource`),
  ]);
  for (const candidate of candidates) {
    const identity = identities.get(candidate ?? '');
    if (identity !== undefined) {
      return identity.name;
    }
  }
  throw new Error(`The stack has no ${pathOrLogicalId}`);
}

function naming<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof ZodError ? prettifyError(error) : String(error);
    throw new Error(`${what} cannot be run locally: ${reason}`, { cause: error });
  }
}
