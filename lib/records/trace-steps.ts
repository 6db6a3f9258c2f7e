import { isFinal } from '../calls/call.ts';
import type { Path, StoredCall } from '../calls/version.ts';

/** One thing that happened to a call. `at` is null where only that it happened is kept. */
export type TraceStep = { readonly at: string | null } & (
  | { readonly what: 'created' | 'started' | 'answered' | 'ended' }
  /** By which path, where that is kept: of a call that was open then, it is not. */
  | { readonly what: 'seen'; readonly via: Path | null }
  | {
      readonly what: 'final';
      readonly via: Path;
      /** The start of the request, or the arrival of the webhook, that showed it. */
      readonly seenAt: string | null;
      /** From its end, as the provider has it, until it was recorded. */
      readonly lateMs: number | null;
    }
  /** Of versions before the last one only their number is kept. */
  | {
      readonly what: 'changed';
      readonly revision: number;
      readonly changes: readonly string[] | null;
    }
  | { readonly what: 'stale' | 'forgotten' }
);

/** What the provider says of its life, in order. */
const lifeOf = ({ call }: StoredCall): TraceStep[] =>
  (
    [
      ['created', call.createdAt],
      ['started', call.startedAt],
      ['answered', call.answeredAt],
      ['ended', call.endedAt],
    ] as const
  ).flatMap(([what, at]) => (at === null ? [] : [{ what, at }]));

/** What we made of it, in order. */
function recordOf(stored: StoredCall): TraceStep[] {
  const { call, firstSeenAt, version, revision, via, staleAt } = stored;
  // Nothing is left of what was before.
  if (stored.forgotten) return [{ what: 'forgotten', at: stored.recordedAt }];
  const seen: TraceStep = {
    what: 'seen',
    at: firstSeenAt,
    via: version === 1 && isFinal(call) ? via : null,
  };
  const stale: TraceStep[] = staleAt === null ? [] : [{ what: 'stale', at: staleAt }];
  return [seen, ...stale, ...(revision === 0 ? [] : [finalStep(stored)]), ...changesOf(stored)];
}

function finalStep({ call, revision, via, seenAt, recordedAt }: StoredCall): TraceStep {
  const isLast = revision === 1;
  const lateMs =
    isLast && call.endedAt !== null ? Date.parse(recordedAt) - Date.parse(call.endedAt) : null;
  return {
    what: 'final',
    at: isLast ? recordedAt : null,
    via,
    seenAt: isLast ? seenAt : null,
    lateMs,
  };
}

const changesOf = ({ revision, recordedAt, changes }: StoredCall): TraceStep[] =>
  Array.from({ length: Math.max(0, revision - 1) }, (_, index): TraceStep => {
    const isLast = index + 2 === revision;
    return {
      what: 'changed',
      at: isLast ? recordedAt : null,
      revision: index + 2,
      changes: isLast ? changes : null,
    };
  });

/** Each with the instant it is sorted by: its own, or that of the step before it. */
function dated(steps: readonly TraceStep[]): { step: TraceStep; at: string }[] {
  let last = '';
  return steps.map((step) => {
    last = step.at ?? last;
    return { step, at: last };
  });
}

/** The steps of a call in the order in which they happened, as far as that is kept. */
export const traceSteps = (stored: StoredCall): TraceStep[] =>
  [...dated(lifeOf(stored)), ...dated(recordOf(stored))]
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ step }) => step);
