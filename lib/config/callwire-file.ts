import * as z from 'zod';
import { checkRoutes } from '../routing/check-routes.ts';
import { reasonsOf, type StatusWords } from '../routing/reasons.ts';
import { type Checked, checkShape } from './check-shape.ts';
import { checkWebhooks, type WebhookSigner } from './check-webhooks.ts';
import type { Problem } from './config-error.ts';
import { type Finding, shown, valueAt } from './finding.ts';
import { checkReferences, type RawLists } from './references.ts';
import {
  type ConnectionSettings,
  connectionSchema,
  type DestinationSettings,
  destinationBaseSchema,
  type Route,
  routeSchema,
} from './settings.ts';
import { locate } from './source-positions.ts';
import { suggest } from './suggest.ts';
import { openYaml } from './yaml-file.ts';

/** What a user decides, read and checked. */
export interface CallwireConfig {
  connections: ConnectionSettings[];
  /** Each with the settings of its kind. */
  destinations: DestinationSettings[];
  routes: Route[];
  /** Where alarms go when the pipeline itself is ill. */
  alarms?: { email: string } | undefined;
  /** The lists as they are written: what is stored, to be read with the same schemas again. */
  source: RawLists;
}

/** A kind of destination and the schema of all its settings, `id` and `kind` among them. */
export interface DestinationKind {
  readonly kind: string;
  readonly settings: z.ZodType<{ id: string; kind: string }>;
  /** What settings of it make impossible. */
  caveat?(settings: DestinationSettings): string | undefined;
}

export interface CallwireFileOptions {
  /** The file's name, for messages. */
  file: string;
  /** The known providers, with the words from which reasons come. */
  providers: readonly (StatusWords & WebhookSigner)[];
  /** The known kinds of destinations. */
  destinations: readonly DestinationKind[];
}

/**
 * Reads the text of a `callwire.yaml`. Warnings are about what works but hardly as meant.
 *
 * @throws ConfigError with everything that is wrong in it, each with line, field and fix
 */
export function readCallwireFile(
  text: string,
  { file, providers, destinations: kinds }: CallwireFileOptions,
): { config: CallwireConfig; warnings: Problem[] } {
  const { source, written, syntax, refuse } = openYaml(text, file, WHEN_EMPTY);

  const outline = checkShape(outlineSchema, written);
  const lists = {
    connections: listOf(written, 'connections'),
    destinations: listOf(written, 'destinations'),
    routes: listOf(written, 'routes'),
  };
  const connections = lists.connections.map((item, index) =>
    checkShape(connectionSchema, item, ['connections', index]),
  );
  const destinations = lists.destinations.map((item, index) =>
    checkDestination(item, index, kinds),
  );
  const routes = lists.routes.map((item, index) =>
    checkShape(routeSchema, item, ['routes', index]),
  );

  const conditions = checkRoutes(
    lists.routes,
    routes.map(({ data }) => data),
    reasonsOf(lists.connections, providers),
  );

  const findings = [
    ...syntax,
    ...[outline, ...connections, ...destinations, ...routes].flatMap((checked) => checked.findings),
    ...checkReferences(
      lists,
      providers.map(({ id }) => id),
    ),
    ...checkWebhooks(lists.connections, providers),
    ...conditions.errors,
  ];
  refuse(findings);

  const config = {
    connections: dataOf(connections),
    destinations: dataOf(destinations),
    routes: dataOf(routes),
    alarms: outline.data?.alarms,
    source: lists,
  };
  const warnings = [...warningsOf(config), ...caveatsOf(config, kinds), ...conditions.warnings];
  return { config, warnings: locate(source, warnings) };
}

const WHEN_EMPTY = 'Write connections, destinations and routes, as the README shows.';

const outlineSchema = z.strictObject({
  connections: z.array(z.unknown()),
  destinations: z.array(z.unknown()).optional(),
  routes: z.array(z.unknown()).optional(),
  alarms: z
    .strictObject({
      email: z.email({ error: 'is not an e-mail address; write one such as ops@example.com' }),
    })
    .optional(),
});

function listOf(written: unknown, name: keyof RawLists): unknown[] {
  const list = valueAt(written, [name]);
  return Array.isArray(list) ? list : [];
}

function checkDestination(
  item: unknown,
  index: number,
  kinds: readonly DestinationKind[],
): Checked<DestinationSettings> {
  const path = ['destinations', index];
  const kind = valueAt(item, ['kind']);
  const known = kinds.find((candidate) => candidate.kind === kind);
  if (known !== undefined) return checkShape(known.settings, item, path);

  const checked = checkShape(destinationBaseSchema, item, path);
  if (typeof kind !== 'string') return checked;
  const message = `${shown(kind)} is not a kind of destination`;
  const fix = suggest(
    kind,
    kinds.map((candidate) => candidate.kind),
  );
  const finding = { path: [...path, 'kind'], message, fix };
  return { data: undefined, findings: [...checked.findings, finding] };
}

const dataOf = <T>(checked: readonly Checked<T>[]): T[] =>
  checked.map(({ data }) => data).filter((data) => data !== undefined);

function warningsOf({ connections, routes }: CallwireConfig): Finding[] {
  const warnings: Finding[] = [];
  if (connections.length === 0) {
    const fix = 'Add a connection.';
    warnings.push({ path: ['connections'], message: 'is empty: nothing is watched', fix });
  }
  if (routes.length === 0) {
    const fix = 'Add a route, such as - { id: everything, to: [ops] }.';
    warnings.push({ path: ['routes'], message: 'no routes: nobody is told anything', fix });
  }
  return warnings;
}

const caveatsOf = (
  { destinations }: CallwireConfig,
  kinds: readonly DestinationKind[],
): Finding[] =>
  destinations.flatMap((settings, index) => {
    const { caveat } = kinds.find(({ kind }) => kind === settings.kind) ?? {};
    const message = caveat?.(settings);
    if (message === undefined) return [];
    return [
      { path: ['destinations', index], message, fix: 'Nothing has to be done if that will do.' },
    ];
  });
