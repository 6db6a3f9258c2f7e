import type { OnUnreadable } from '../calls/unreadable-item.ts';
import { asOneLine } from './telling.ts';

/** Names on stderr each item that cannot be read and is left out, once, and counts them. */
export function namingUnreadable(): {
  readonly onUnreadable: OnUnreadable;
  readonly unreadable: () => number;
} {
  const named = new Set<string>();
  return {
    onUnreadable: ({ item, message }) => {
      if (named.has(item)) return;
      named.add(item);
      console.error(`${asOneLine(message)}; it is left out.`);
    },
    unreadable: () => named.size,
  };
}

/** What is left out, for people; nothing where nothing is. */
export const unreadableLine = (count: number): string[] =>
  count > 0 ? [`${count} items cannot be read, and are left out.`] : [];
