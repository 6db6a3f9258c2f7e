import { unzipText } from '../calls/raw-record.ts';
import { knownOf } from './call-item.ts';
import { unpackText } from './packed-text.ts';

/** Tries in turn; undefined: none of them can. */
function firstOf(...ways: readonly (() => string)[]): string | undefined {
  for (const way of ways) {
    try {
      return way();
    } catch {
      // The next way, or nobody knows.
    }
  }
  return undefined;
}

/**
 * All that an item says, to look for something in it, whatever it is. What is packed and cannot be
 * unpacked is taken as it lies there, and then this is not the whole. Between its parts lies what stands in no number.
 */
export function itemText(item: Readonly<Record<string, unknown>>): {
  readonly text: string;
  readonly isWhole: boolean;
} {
  const texts: string[] = [];
  let isWhole = true;
  const visit = (value: unknown): void => {
    if (value instanceof Uint8Array) {
      const text = firstOf(
        () => unzipText(value),
        () => unpackText(value, knownOf(item)),
      );
      if (text === undefined) isWhole = false;
      texts.push(text ?? Buffer.from(value).toString());
    } else if (Array.isArray(value) || value instanceof Set) {
      for (const each of value) visit(each);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) {
        texts.push(name);
        visit(each);
      }
    } else texts.push(String(value));
  };
  visit(item);
  return { text: texts.join('|'), isWhole };
}
