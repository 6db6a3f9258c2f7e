// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** A stack to write; a bundle is the source of a function's `index.mjs`, by its asset hash. */
export interface Stack {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly bundles?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, { Value: unknown }>>;
  readonly conditions?: Readonly<Record<string, unknown>>;
  /** Construct path → logical id, as CDK notes it beside the template. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** An empty folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callwire-local-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes what `cdk synth` would for a stack named Test, and gives the folder. */
export function writeAssembly({ resources, bundles = {}, outputs, conditions, paths }: Stack) {
  const folder = temporaryFolder();
  const write = (file: string, content: unknown) =>
    writeFileSync(join(folder, file), JSON.stringify(content));

  write('manifest.json', {
    artifacts: {
      'Test.assets': { type: 'cdk:asset-manifest', properties: { file: 'Test.assets.json' } },
      Test: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'Test.template.json' },
        additionalMetadataFile: 'Test.metadata.json',
      },
    },
  });
  write('Test.template.json', {
    Resources: resources,
    ...(outputs && { Outputs: outputs }),
    ...(conditions && { Conditions: conditions }),
  });
  write(
    'Test.metadata.json',
    Object.fromEntries(
      Object.entries(paths ?? {}).map(([path, data]) => [
        `/${path}`,
        [{ type: 'aws:cdk:logicalId', data }],
      ]),
    ),
  );
  write('Test.assets.json', {
    files: Object.fromEntries(
      Object.keys(bundles).map((hash) => [
        hash,
        {
          source: { path: `asset.${hash}`, packaging: 'zip' },
          destinations: { here: { objectKey: `${hash}.zip` } },
        },
      ]),
    ),
  });
  for (const [hash, source] of Object.entries(bundles)) {
    mkdirSync(join(folder, `asset.${hash}`));
    writeFileSync(join(folder, `asset.${hash}`, 'index.mjs'), source);
  }
  return folder;
}

/** A function resource as CDK writes it. */
export function functionResource(
  bundle: string,
  properties: Readonly<Record<string, unknown>> = {},
): Resource {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: `${bundle}.zip` },
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Timeout: 10,
      ...properties,
    },
  };
}

export const ROLE: Resource = { Type: 'AWS::IAM::Role', Properties: {} };
export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
