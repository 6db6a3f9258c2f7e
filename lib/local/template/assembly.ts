import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ file: z.string(), templateFile: z.string(), stackName: z.string() })
        .partial()
        .optional(),
      additionalMetadataFile: z.string().optional(),
      metadata: z.unknown().optional(),
    }),
  ),
});

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Condition: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Metadata: z.object({ 'aws:cdk:path': z.string().optional() }).optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
});

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string(), packaging: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** Construct path → what CDK noted about it; the logical id is one of the notes. */
const metadataSchema = z.record(
  z.string(),
  z.array(z.object({ type: z.string(), data: z.unknown() })),
);

export type CloudFormationTemplate = z.infer<typeof templateSchema>;
export type TemplateResource = CloudFormationTemplate['Resources'][string];

/** A synthesized CDK app with exactly one stack, as `cdk synth` leaves it in `cdk.out`. */
export interface Assembly {
  readonly stackName: string;
  /** The stack's own construct path, which need not be its name. */
  readonly rootPath: string;
  readonly template: CloudFormationTemplate;
  /** Construct path (`Stack/Queue/Resource`) → logical id. */
  readonly paths: ReadonlyMap<string, string>;
  /** The folder that would be zipped and uploaded under this key; undefined when there is none. */
  assetFolder(objectKey: string): string | undefined;
}

/** Reads `manifest.json` and what it names. @throws Error when the folder holds no or several stacks. */
export function readAssembly(folder: string): Assembly {
  const read = <Schema extends z.ZodType>(file: string, schema: Schema) =>
    schema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));

  const { artifacts } = read('manifest.json', manifestSchema);
  const stacks = Object.entries(artifacts).filter(([, a]) => a.type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    throw new Error(`${folder} holds ${stacks.length} stacks; the local system runs exactly one`);
  }

  const [rootPath, { properties, additionalMetadataFile, metadata }] = stack;
  const template = read(properties?.templateFile ?? `${rootPath}.template.json`, templateSchema);
  const assets = Object.values(artifacts)
    .filter(({ type }) => type === 'cdk:asset-manifest')
    .flatMap((artifact) => artifact.properties?.file ?? [])
    .flatMap((file) => Object.values(read(file, assetsSchema).files));

  // Newer CDK versions keep the metadata in a file of its own, older ones in the manifest.
  const notes =
    additionalMetadataFile === undefined
      ? metadataSchema.parse(metadata ?? {})
      : read(additionalMetadataFile, metadataSchema);

  return {
    stackName: properties?.stackName ?? rootPath,
    rootPath,
    template,
    paths: new Map([...pathsFromNotes(notes), ...pathsFromTemplate(template)]),
    assetFolder: (objectKey) => {
      const asset = assets.find(
        ({ source, destinations }) =>
          source.packaging === 'zip' &&
          Object.values(destinations).some((destination) => destination.objectKey === objectKey),
      );
      return asset && join(folder, asset.source.path);
    },
  };
}

function pathsFromNotes(notes: z.infer<typeof metadataSchema>): [string, string][] {
  return Object.entries(notes).flatMap(([path, entries]) =>
    entries
      .filter(({ type }) => type === 'aws:cdk:logicalId')
      .map(({ data }): [string, string] => [path.replace(/^\//, ''), String(data)]),
  );
}

/** Only the CDK command line writes `aws:cdk:path` into templates; a bare `app.synth()` does not. */
function pathsFromTemplate({ Resources }: CloudFormationTemplate): [string, string][] {
  return Object.entries(Resources).flatMap(([logicalId, { Metadata }]): [string, string][] => {
    const path = Metadata?.['aws:cdk:path'];
    return path === undefined ? [] : [[path, logicalId]];
  });
}
