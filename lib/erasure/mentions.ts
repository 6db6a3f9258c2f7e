import type { CallKey } from '../calls/call.ts';

/** Whether a text names a call by its provider's id: as a whole word, for ids of some begin those of others. */
export function mentions({ id }: Pick<CallKey, 'id'>): (text: string) => boolean {
  const written = JSON.stringify(id).slice(1, -1);
  const literal = written.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  const word = new RegExp(`(?<![\\w-])${literal}(?![\\w-])`);
  return (text) => word.test(text);
}
