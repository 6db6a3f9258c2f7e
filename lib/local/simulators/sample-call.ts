import type { WorldCall } from './world.ts';

/** A documented sample record as a call of the world: over long ago, and nothing more to come. */
export function sampleCall({
  seconds,
  number,
  ...call
}: Pick<WorldCall, 'id' | 'agent' | 'agentNumber' | 'createdAt'> & {
  seconds: number;
  number: string;
}): WorldCall {
  const endedAt = call.createdAt + seconds * 1000;
  return {
    ...call,
    caller: { name: 'Customer', number },
    topic: 'support',
    answeredAt: call.createdAt,
    endedAt,
    ending: 'completed',
    titledAt: endedAt,
    recordedAt: endedAt,
    analysedAt: null,
  };
}
