import { stableId } from '../hash.ts';
import type { CallKey } from './call.ts';

/**
 * One id for a call, for systems that ask for one: the same for ever, made of its identity, in digits
 * and letters a to f, because some compare without regard to case.
 */
export const externalId = ({ connection, id }: CallKey): string =>
  Buffer.from(stableId(connection, id), 'base64url').toString('hex');
