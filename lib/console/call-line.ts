import { maskNumber } from '../calls/mask-number.ts';
import { createdAt, type StoredCall } from '../calls/version.ts';
import type { CallLine } from './answers.ts';

/** A call in a line; its number is masked unless somebody wants to see it. */
export function callLine(stored: StoredCall, { reveal }: { reveal: boolean }): CallLine {
  const { connection, id, provider, outcome, status, reason, direction, ...call } = stored.call;
  const { contactNumber: number } = call;
  return {
    ...{ connection, id, provider, outcome, status, reason, direction },
    at: createdAt(stored),
    agent: call.agent.name ?? call.agent.id,
    number: number === null || reveal ? number : maskNumber(number),
    durationSeconds: call.durationSeconds,
    silent: stored.silent,
    stale: stored.staleAt !== null,
  };
}
