import { callStatusSchema, conclude, type Outcome } from '../calls/call.ts';
import type { Condition } from '../config/condition.ts';
import { type Event, type EventType, eventTypes } from '../events/event.ts';
import { pathsIn } from './fields.ts';
import { holds } from './holds.ts';
import { valuesOf } from './lookup.ts';

/** One of the ways in which events can be, as far as it is sure what they then hold. */
export interface Situation {
  readonly type: EventType;
  /** The values of some paths; of all others nothing is known. */
  readonly known: Readonly<Record<string, readonly string[]>>;
}

/** `call.stale` may be announced again when the call is over. */
const OUTCOMES: Partial<Record<EventType, readonly Outcome[]>> = {
  'call.completed': ['completed'],
  'call.failed': ['failed'],
  'call.updated': ['completed', 'failed'],
  'call.stale': ['open', 'completed', 'failed'],
};

/** Whether a call may have an outcome in a status: with its end known, or without. */
const canBe = (outcome: Outcome, status: (typeof callStatusSchema.options)[number]): boolean =>
  [null, '2026-01-31T09:00:00Z'].some(
    (endedAt) => conclude({ status, reason: null }, endedAt).outcome === outcome,
  );

/** All situations: which outcomes and statuses the types of events go with, and where there is no reason. */
export const situations: readonly Situation[] = eventTypes.flatMap((type): Situation[] => {
  const outcomes = OUTCOMES[type];
  if (!outcomes) return [{ type, known: { type: [type] } }];
  return outcomes.flatMap((outcome) =>
    callStatusSchema.options
      .filter((status) => canBe(outcome, status))
      .map((status) => {
        const known = { type: [type], 'call.outcome': [outcome], 'call.status': [status] };
        return { type, known: outcome === 'failed' ? known : { ...known, 'call.reason': [] } };
      }),
  );
});

/** What events of a situation have in a field; undefined where that is not known. */
export function valuesIn({ type, known }: Situation, field: string): readonly string[] | undefined {
  const values = pathsIn(type, field).map((path) => known[path]);
  const sure = values.filter((each) => each !== undefined);
  return sure.length === values.length ? sure.flat() : undefined;
}

/** The situations in which an event may meet a condition; none: no event ever does. */
export const situationsOf = (condition: Condition): readonly Situation[] =>
  situations.filter((situation) =>
    Object.entries(condition).every(([field, wanted]) => {
      const values = valuesIn(situation, field);
      return values === undefined || holds(wanted, values);
    }),
  );

/** Whether an event is in one of the situations: its type, outcome, status and reason go together. */
export const isPossible = (event: Event): boolean =>
  situations.some(({ known }) =>
    Object.entries(known).every(([path, values]) => {
      const found = valuesOf(path, event);
      return found.length === values.length && found.every((value, at) => value === values[at]);
    }),
  );
