import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { nameOf } from './declared-alarms.ts';

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.looseObject({}).default({}) }),
  ),
});
type Resources = z.infer<typeof templateSchema>['Resources'];

/** A deployment that went wrong in one place, or that somebody changed by hand. */
export type Change = (resources: Resources) => void;

/** The properties of a resource, by its logical id without the hash. */
function propertiesOf(resources: Resources, type: string, name: string): Record<string, unknown> {
  const found = Object.entries(resources).find(
    ([id, { Type }]) => Type === type && nameOf(id) === name,
  );
  if (!found) throw new Error(`The stack has no ${type} ${name}`);
  return found[1].Properties;
}

const environmentSchema = z.looseObject({ Variables: z.record(z.string(), z.unknown()) });

const variablesOf = (resources: Resources, name: string): Record<string, unknown> => {
  const properties = propertiesOf(resources, 'AWS::Lambda::Function', name);
  const environment = environmentSchema.parse(properties.Environment);
  properties.Environment = environment;
  return environment.Variables;
};

/** A function is given tables that are not there. */
export const withoutTables =
  (...names: string[]): Change =>
  (resources) => {
    for (const name of names) {
      const variables = variablesOf(resources, name);
      const tables = Object.keys(variables).filter((variable) => variable.endsWith('_TABLE'));
      if (tables.length === 0) throw new Error(`${name} is given no table`);
      for (const table of tables) variables[table] = 'NoSuchTable';
    }
  };

/** A function is not told what it needs. */
export const withoutVariable =
  (name: string, variable: string): Change =>
  (resources) => {
    const variables = variablesOf(resources, name);
    if (!(variable in variables)) throw new Error(`${name} has no ${variable}`);
    delete variables[variable];
  };

/** A function's bundle holds no handler. */
export const withoutHandler =
  (name: string): Change =>
  (resources) => {
    propertiesOf(resources, 'AWS::Lambda::Function', name).Handler = 'index.gone';
  };

/** Somebody switched off what hands messages or changes to a function. */
export const switchedOff =
  (...names: string[]): Change =>
  (resources) => {
    for (const name of names) {
      propertiesOf(resources, 'AWS::Lambda::EventSourceMapping', name).Enabled = false;
    }
  };

/** Somebody disabled the schedule that calls a function every minute. */
export const unscheduled =
  (name: string): Change =>
  (resources) => {
    propertiesOf(resources, 'AWS::Scheduler::Schedule', name).State = 'DISABLED';
  };

const targetsSchema = z.tuple([z.looseObject({})]);

/** The queue refuses what the rule on the bus hands it: it was told to ask for a group with an impossible name. */
export const refusedByQueue =
  (name: string): Change =>
  (resources) => {
    const properties = propertiesOf(resources, 'AWS::Events::Rule', name);
    const [target] = targetsSchema.parse(properties.Targets);
    properties.Targets = [{ ...target, SqsParameters: { MessageGroupId: 'x'.repeat(129) } }];
  };

/** The HTTP API lets in a fraction of what it does, so that a fraction of the requests is too many. */
export const throttledAt =
  (limits: { readonly perSecond: number; readonly burst: number }): Change =>
  (resources) => {
    propertiesOf(resources, 'AWS::ApiGatewayV2::Stage', 'WebhooksStage').DefaultRouteSettings = {
      ThrottlingRateLimit: limits.perSecond,
      ThrottlingBurstLimit: limits.burst,
    };
  };

/**
 * Messages that a function failed on come back after a second, where it is minutes: five failures in a row are
 * then a matter of seconds. Nothing else of their queues is changed.
 */
export const impatient =
  (...names: string[]): Change =>
  (resources) => {
    for (const name of names) {
      propertiesOf(resources, 'AWS::SQS::Queue', name).VisibilityTimeout = 1;
    }
  };

/** A copy of an assembly in an empty folder, changed. */
export function changedAssembly(
  assembly: string,
  folder: string,
  changes: readonly Change[],
): string {
  cpSync(assembly, folder, { recursive: true });
  const path = join(folder, 'Callwire.template.json');
  const template = templateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  for (const change of changes) change(template.Resources);
  writeFileSync(path, JSON.stringify(template));
  return folder;
}
