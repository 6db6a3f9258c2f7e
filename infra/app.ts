import { existsSync, readFileSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parse } from 'yaml';
import * as z from 'zod';
import { CallwireStack } from './callwire.ts';

/** The operator's file, when there is one beside the app: here only for where alarms go. */
const CONFIG_FILE = 'callwire.yaml';

/** What `-c name=value` or `cdk.json` may say. */
const contextSchema = z.object({
  /** Several deployments in one account: `-c stage=dev` is the stack `Callwire-dev`. */
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .default('prod'),
  /** Overrides the configuration's `alarms.email`. */
  alarmEmail: z.email().optional(),
  archiveDays: z.coerce.number().optional(),
});

const configSchema = z.object({ alarms: z.object({ email: z.email() }).optional() });

/** `callwire apply` checks the whole file; a deployment reads only this line of it. */
const configuredEmail = (): string | undefined =>
  existsSync(CONFIG_FILE)
    ? configSchema.parse(parse(readFileSync(CONFIG_FILE, 'utf8')) ?? {}).alarms?.email
    : undefined;

const app = new App({ analyticsReporting: false });
const {
  stage,
  alarmEmail = configuredEmail(),
  ...options
} = contextSchema.parse(
  Object.fromEntries(
    Object.keys(contextSchema.shape).map((name) => [name, app.node.tryGetContext(name)]),
  ),
);

new CallwireStack(app, 'Callwire', {
  stackName: stage === 'prod' ? 'Callwire' : `Callwire-${stage}`,
  description: 'Watches voice-agent providers and announces the outcome of every call once',
  // Of the stack, which CloudFormation hands on to all that can have tags.
  tags: { app: 'callwire', stage },
  alarmEmail,
  ...options,
});

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
// Explicitly: started without the CDK command line, the app would otherwise write no template.
app.synth();
