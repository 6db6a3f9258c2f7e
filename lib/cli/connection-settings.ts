import { type ConnectionSettings, connectionSchema } from '../config/settings.ts';
import { UserError } from './failure.ts';
import type { ReachedRanges } from './reach-ranges.ts';

/** The settings of a connection. @throws UserError when the system has none of this id */
export async function settingsOf(
  system: Pick<ReachedRanges, 'connection'>,
  id: string,
): Promise<ConnectionSettings> {
  const written = await system.connection(id);
  if (written !== undefined) return connectionSchema.parse(written);
  throw new UserError(
    `There is no connection ${id} there. Write the id of one from the configuration that was applied, with --connection.`,
  );
}
