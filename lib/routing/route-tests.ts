import * as z from 'zod';
import type { CallwireConfig } from '../config/callwire-file.ts';
import { checkShape } from '../config/check-shape.ts';
import { type Finding, type Path, shown, valueAt } from '../config/finding.ts';
import { lineAt } from '../config/source-positions.ts';
import { suggest } from '../config/suggest.ts';
import { openYaml } from '../config/yaml-file.ts';
import type { Event } from '../events/event.ts';
import { type Explanation, explainRoutes } from './explain.ts';
import { checkEvent, completeEvent } from './partial-event.ts';
import { isPossible } from './situations.ts';

/** What a user expects of their routes: this event goes to these destinations. */
export interface RouteTest {
  readonly name: string;
  /** Where it is written, counted from 1. */
  readonly line: number;
  readonly event: Event;
  readonly to: readonly string[];
}

/** What came of it. */
export interface RouteTestResult extends Explanation {
  readonly name: string;
  readonly line: number;
  readonly passed: boolean;
  readonly expected: readonly string[];
  /** Expected, and not told. */
  readonly missing: readonly string[];
  /** Told, and not expected. */
  readonly unexpected: readonly string[];
}

const fileSchema = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        event: z.unknown(),
        to: z.array(z.string()),
      }),
    )
    .min(1),
});

const WHEN_EMPTY = 'Write cases, as `callwire routes test --help` shows.';

type Config = Pick<CallwireConfig, 'connections' | 'destinations'>;

/**
 * Reads a file of tests for the routes of a configuration.
 *
 * @throws ConfigError with everything that is wrong in it, each with line, field and fix
 */
export function readRouteTests(text: string, file: string, config: Config): RouteTest[] {
  const { source, written, syntax, refuse } = openYaml(text, file, WHEN_EMPTY);
  const outline = checkShape(fileSchema, written);
  const list = valueAt(written, ['cases']);
  const events = (Array.isArray(list) ? list : []).map((item: unknown, index) =>
    readEvent(valueAt(item, ['event']), ['cases', index, 'event'], config),
  );
  refuse([
    ...syntax,
    ...outline.findings,
    ...events.flatMap(({ findings }) => findings),
    ...checkDestinations(written, config),
  ]);

  return (outline.data?.cases ?? []).flatMap(({ name, to }, index) => {
    const event = events[index]?.event;
    return event ? [{ name, to, event, line: lineAt(source, ['cases', index]) }] : [];
  });
}

/**
 * Reads a whole event or a part of one, as JSON or YAML.
 *
 * @throws ConfigError with everything that is wrong in it
 */
export function readEventFile(text: string, file: string, config: Config): Event {
  const { written, syntax, refuse } = openYaml(
    text,
    file,
    'Write an event: { "type": "call.failed" }.',
  );
  // As EventBridge hands it to a target, the event is its `detail`.
  const at: Path = valueAt(written, ['detail']) === undefined ? [] : ['detail'];
  const { event, findings } = readEvent(valueAt(written, at), at, config);
  refuse([...syntax, ...findings]);
  if (!event) throw new Error(`Nothing is wrong with ${file}, and yet it is no event`);
  return event;
}

function readEvent(
  written: unknown,
  at: Path,
  { connections }: Config,
): { event?: Event; findings: Finding[] } {
  // That there is none is the outline's business.
  if (written === undefined) return { findings: [] };
  const { data, findings } = checkEvent(written, at);
  if (!data) return { findings };
  const providers = new Map(connections.map(({ id, provider }) => [id, provider]));
  const event = completeEvent(data, (connection) => providers.get(connection));
  if (isPossible(event)) return { event, findings };

  const { status, outcome, reason } = 'call' in event ? event.call : {};
  const message = `no ${event.type} has outcome ${outcome}, status ${status} and ${reason ? `reason ${shown(reason)}` : 'no reason'}`;
  const fix = 'Write only one of them, or others: what is not written follows from the rest.';
  return { findings: [{ path: at, message, fix }] };
}

/** A name that no destination has cannot be told: whoever expects it mistyped it. */
function checkDestinations(written: unknown, { destinations }: Config): Finding[] {
  const ids = destinations.map(({ id }) => id);
  const cases = valueAt(written, ['cases']);
  return (Array.isArray(cases) ? cases : []).flatMap((item: unknown, index) => {
    const to = valueAt(item, ['to']);
    return (Array.isArray(to) ? to : []).flatMap((name: unknown, position): Finding[] => {
      if (typeof name !== 'string' || ids.includes(name)) return [];
      const message = `${shown(name)} is not a destination`;
      return [{ path: ['cases', index, 'to', position], message, fix: suggest(name, ids) }];
    });
  });
}

/** Runs tests of routes. The order of destinations is no part of what is expected. */
export const runRouteTests = (
  tests: readonly RouteTest[],
  routes: CallwireConfig['routes'],
): RouteTestResult[] =>
  tests.map(({ name, line, event, to }) => {
    const explanation = explainRoutes(event, routes);
    const missing = to.filter((id) => !explanation.destinations.includes(id));
    const unexpected = explanation.destinations.filter((id) => !to.includes(id));
    const passed = missing.length + unexpected.length === 0;
    return { name, line, passed, expected: to, missing, unexpected, ...explanation };
  });
