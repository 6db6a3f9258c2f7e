import type { Condition } from '../config/settings.ts';
import type { Event } from '../events/event.ts';

/** The first part of a condition that an event does not meet. */
export interface Mismatch {
  /** `reason`, `durationSeconds`, `attributes.category`… */
  field: string;
  /** What the condition asks for, as it is written. */
  wanted: unknown;
  /** What the event has there; undefined if it has nothing of the kind. */
  found: unknown;
}

/** True if the event meets every part of the condition; an empty condition is met by all events. */
export const matches = (condition: Condition, event: Event): boolean =>
  mismatch(condition, event) === undefined;

/**
 * Why an event does not meet a condition; undefined if it does.
 *
 * What an event does not have meets no value and no range, but it meets `not`: a completed call has
 * no reason, so it meets `reason: { not: busy }`.
 */
export function mismatch(condition: Condition, event: Event): Mismatch | undefined {
  const facts = factsOf(event);

  for (const field of PLAIN_FIELDS) {
    const wanted = condition[field];
    const found = facts[field];
    if (wanted !== undefined && !accepts<unknown>(wanted, (value) => value === found)) {
      return { field, wanted, found };
    }
  }

  const { agent, durationSeconds, attributes = {} } = condition;
  if (agent !== undefined && !accepts(agent, (value) => isAgent(facts.agent, value))) {
    return { field: 'agent', wanted: agent, found: facts.agent };
  }
  if (durationSeconds !== undefined && !isWithin(durationSeconds, facts.durationSeconds)) {
    return { field: 'durationSeconds', wanted: durationSeconds, found: facts.durationSeconds };
  }
  for (const [name, wanted] of Object.entries(attributes)) {
    const found = Object.hasOwn(facts.attributes, name) ? facts.attributes[name] : undefined;
    if (!accepts<unknown>(wanted, (value) => value === found)) {
      return { field: `attributes.${name}`, wanted, found };
    }
  }
  return undefined;
}

/** The fields that are compared as they are. */
const PLAIN_FIELDS = [
  'type',
  'connection',
  'provider',
  'outcome',
  'reason',
  'direction',
] as const satisfies (keyof Condition)[];

type Agent = Extract<Event, { call: unknown }>['call']['agent'];
type Range = NonNullable<Condition['durationSeconds']>;
type Facts = Partial<Record<(typeof PLAIN_FIELDS)[number], string | null>> & {
  agent?: Agent;
  durationSeconds?: number | null;
  attributes: Readonly<Record<string, unknown>>;
};

/** What conditions can ask of an event, whatever the event is about. */
function factsOf(event: Event): Facts {
  const { type } = event;
  if ('call' in event) return { ...event.call, type };
  if ('connection' in event) {
    const { id, provider, reason } = event.connection;
    return { type, connection: id, provider, reason, attributes: {} };
  }
  return { type, reason: event.delivery.reason, attributes: {} };
}

type Choice<T> = T | readonly T[] | { not: T | readonly T[] };

/** Whether a choice (one value, any of several, none of some) is met, given which single values are. */
function accepts<T>(choice: Choice<T>, isFound: (value: T) => boolean): boolean {
  if (isNegated(choice)) return !valuesOf(choice.not).some(isFound);
  return valuesOf(choice).some(isFound);
}

const isNegated = <T>(choice: Choice<T>): choice is { not: T | readonly T[] } =>
  typeof choice === 'object' && choice !== null && 'not' in choice;

const isList = <T>(choice: T | readonly T[]): choice is readonly T[] => Array.isArray(choice);

const valuesOf = <T>(choice: T | readonly T[]): readonly T[] =>
  isList(choice) ? choice : [choice];

/** Ids are compared exactly; names as people write them, in any case. */
const isAgent = (agent: Agent | undefined, value: string): boolean =>
  agent !== undefined && (agent.id === value || agent.name?.toLowerCase() === value.toLowerCase());

function isWithin({ atLeast, lessThan }: Range, seconds: number | null | undefined): boolean {
  if (seconds === null || seconds === undefined) return false;
  return seconds >= (atLeast ?? 0) && seconds < (lessThan ?? Number.POSITIVE_INFINITY);
}
