import { EVENT_SOURCE } from '../events/event.ts';

/** A rule pattern of EventBridge that is ready to be used. */
export interface RulePattern {
  readonly name: string;
  readonly purpose: string;
  readonly pattern: Readonly<Record<string, unknown>>;
}

const source = [EVENT_SOURCE];

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
export const rulePatterns: readonly RulePattern[] = [
  { name: 'everything', purpose: 'All that Callwire announces.', pattern: { source } },
  {
    name: 'outcomes',
    purpose: 'Each call once, when it is over.',
    pattern: { source, 'detail-type': ['call.completed', 'call.failed'] },
  },
  {
    name: 'no-replays',
    purpose: 'Outcomes, but not those that are told again on request.',
    pattern: {
      source,
      'detail-type': ['call.completed', 'call.failed'],
      detail: { replay: [false] },
    },
  },
  {
    name: 'technical-failures',
    purpose: 'Calls that failed for another reason than that nobody took them.',
    pattern: {
      source,
      'detail-type': ['call.failed'],
      detail: { call: { reason: [{ 'anything-but': ['no_answer', 'busy', 'canceled'] }] } },
    },
  },
  {
    name: 'one-connection',
    purpose: 'What concerns one account: write its id.',
    pattern: {
      source,
      detail: {
        $or: [
          { call: { connection: ['clinic-riyadh'] } },
          { connection: { id: ['clinic-riyadh'] } },
        ],
      },
    },
  },
  {
    name: 'conversations',
    purpose: 'Completed calls of half a minute or more.',
    pattern: {
      source,
      'detail-type': ['call.completed'],
      detail: { call: { durationSeconds: [{ numeric: ['>=', 30] }] } },
    },
  },
  {
    name: 'follow-ups',
    purpose:
      'Calls of Solum Health that a person is to follow up, also when that is decided later.',
    pattern: {
      source,
      'detail-type': ['call.completed', 'call.updated'],
      detail: { call: { attributes: { workflowStatus: ['follow_up_needed'] } } },
    },
  },
  {
    name: 'trouble',
    purpose: 'What people have to mend: accounts, records of a new kind, destinations.',
    pattern: {
      source,
      'detail-type': ['connection.failing', 'provider.drifted', 'delivery.failing'],
    },
  },
];
