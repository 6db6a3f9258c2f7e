import type { Condition, Wanted } from '../config/condition.ts';
import type { Event } from '../events/event.ts';
import { holds, type Same } from './holds.ts';
import { valuesOf } from './lookup.ts';

/** The first part of a condition that an event does not meet. */
export interface Mismatch {
  /** `reason`, `call.durationSeconds`, `attributes.category`… */
  field: string;
  /** What the condition asks for, as it is written. */
  wanted: Wanted;
  /** What the event has there, a list if it is several; undefined if it has nothing of the kind. */
  found: unknown;
}

/** True if the event meets every part of the condition; an empty condition is met by all events. */
export const matches = (condition: Condition, event: Event): boolean =>
  mismatch(condition, event) === undefined;

/**
 * Why an event does not meet a condition; undefined if it does.
 *
 * What an event does not have meets no value and no comparison, but it meets `not`: a completed call
 * has no reason, so it meets `reason: { not: busy }`.
 */
export function mismatch(condition: Condition, event: Event): Mismatch | undefined {
  for (const [field, wanted] of Object.entries(condition)) {
    const values = valuesOf(field, event);
    const same = field === 'agent' ? sameAgent(event) : undefined;
    if (!holds(wanted, values, same)) {
      return { field, wanted, found: values.length > 1 ? values : values[0] };
    }
  }
  return undefined;
}

/** Ids are compared exactly; names as people write them, in any case. */
const sameAgent =
  (event: Event): Same =>
  (found, named) => {
    if (found === named) return true;
    const name = 'call' in event ? event.call.agent.name : null;
    return found === name && name?.toLowerCase() === String(named).toLowerCase();
  };
