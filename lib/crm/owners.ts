import * as z from 'zod';
import type { Call } from '../calls/call.ts';

/** Who a call belongs to in the CRM. `id`: what such an id looks like there. */
export const ownersSchema = (id: z.ZodType<string>) =>
  z.strictObject({
    /** By the agent's id, or its name in any case. */
    agents: z.record(z.string(), id).default({}),
    connections: z.record(z.string(), id).default({}),
    /** Everybody else's; where it is not written the CRM decides. */
    default: id.optional(),
  });
export type Owners = z.infer<ReturnType<typeof ownersSchema>>;

const inAnyCase = (map: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.entries(map).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

/** The most exact line of the map that fits: agent, then connection, then default. */
export function ownerOf(
  { agent, connection }: Pick<Call, 'agent' | 'connection'>,
  { agents, connections, default: other }: Owners,
): string | undefined {
  const byId = agent.id === null ? undefined : agents[agent.id];
  const byName = agent.name === null ? undefined : inAnyCase(agents, agent.name);
  return byId ?? byName ?? connections[connection] ?? other;
}
