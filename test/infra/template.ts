import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { CallwireStack, type CallwireStackProps } from '../../infra/callwire.ts';
import { NodeFunction } from '../../infra/node-function.ts';

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
      Metadata: z.object({ 'aws:cdk:path': z.string() }),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

export interface DeclaredResource {
  readonly type: string;
  /** The construct's path below the stack: `Polling/Queue`. */
  readonly path: string;
  /** With every reference replaced by what it points at, see `read`. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
}

const folders: string[] = [];

/** Removes what synthesizing has written. */
export const removeAssemblies = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

/** An app that declares everything but builds no function. */
export function unbuiltApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), 'callwire-template-'));
  folders.push(outdir);
  return new App({
    outdir,
    analyticsReporting: false,
    context: { 'aws:cdk:bundling-stacks': [], 'aws:cdk:enable-path-metadata': true },
  });
}

/** The template as one reads it: resources by construct path, references as paths. */
export function declare(props: CallwireStackProps = {}): {
  readonly resources: readonly DeclaredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The constructs themselves, for what a template does not say. */
  readonly functions: readonly NodeFunction[];
} {
  const stack = new CallwireStack(unbuiltApp(), 'Callwire', props);
  const { Resources, Outputs } = templateSchema.parse(Template.fromStack(stack).toJSON());
  const pathOf = (logicalId: string): string =>
    Resources[logicalId]?.Metadata['aws:cdk:path']
      .replace(/^Callwire\//, '')
      .replace(/\/Resource$/, '') ?? logicalId;

  /** `Ref` and `Arn` become the construct's path, a queue's `Ref` an address, other attributes `path.Attribute`. */
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== 'object' || value === null) return value;
    const {
      Ref: ref,
      'Fn::GetAtt': attribute,
      'Fn::Join': join,
    } = value as Record<string, unknown>;
    if (typeof ref === 'string') {
      const isQueue = Resources[ref]?.Type === 'AWS::SQS::Queue';
      return isQueue ? `https://sqs.example/${pathOf(ref)}` : pathOf(ref);
    }
    if (Array.isArray(attribute)) {
      const [logicalId, name] = attribute.map(String);
      return `${pathOf(logicalId ?? '')}${name === 'Arn' ? '' : `.${name}`}`;
    }
    if (Array.isArray(join)) return z.array(z.string()).parse(read(join[1])).join(String(join[0]));
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, read(member)]));
  };

  return {
    resources: Object.entries(Resources).map(([logicalId, resource]) => ({
      type: resource.Type,
      path: pathOf(logicalId),
      properties: z.record(z.string(), z.unknown()).parse(read(resource.Properties)),
      deletionPolicy: resource.DeletionPolicy,
    })),
    functions: stack.node.findAll().filter((construct) => construct instanceof NodeFunction),
    outputs: Object.fromEntries(
      Object.entries(Outputs).map(([name, { Value }]) => [name, read(Value)]),
    ),
  };
}
