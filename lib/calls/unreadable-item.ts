import * as z from 'zod';
import { errorFields, type LogFields } from '../log.ts';
import type { CallKey } from './call.ts';

/** What is wrong, as far as that can be said without what the item holds: some messages quote it. */
function wrongWith(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.path.join('.') || 'item'}: ${issue?.message}`;
  }
  const isOfZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  if (isOfZlib) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}

/** An item of a table that nobody can read. Says whose it is and what is wrong, never what it holds. */
export class UnreadableItem extends Error {
  override name = 'UnreadableItem';
  /** The call that it is of by its key; undefined: of none. */
  readonly call: CallKey | undefined;
  /** `<connection>/<id>`, or its key where that is of no call. */
  readonly item: string;

  /**
   * @param key its partition key: of a call `<connection>#<id>`
   * @param part which of several items under that key, such as a delivery
   */
  constructor(key: unknown, error: unknown, part?: string) {
    const text = typeof key === 'string' ? key : '';
    const [, connection, id] = /^([^#]+)#(.+)$/s.exec(text) ?? [];
    const isOfCall = connection !== undefined && id !== undefined && connection !== 'notice';
    const whole = isOfCall ? `${connection}/${id}` : text;
    const item = part === undefined ? whole : `${whole} (${part})`;
    super(`${item} cannot be read: ${wrongWith(error)}`);
    this.call = isOfCall ? { connection, id } : undefined;
    this.item = item;
  }
}

export type OnUnreadable = (error: UnreadableItem) => void;

/** What a log says of it. */
export const unreadableFields = (error: UnreadableItem): LogFields => ({
  connection: error.call?.connection,
  callId: error.call?.id,
  ...errorFields(error),
});
