import { hash } from 'node:crypto';
import { configure } from 'safe-stable-stringify';

const stringify = configure({ bigint: false, circularValue: TypeError });

/** JSON with sorted keys: the same facts give the same text, whatever order they came in. */
export const canonicalJson = (value: unknown): string => stringify(value) ?? 'null';

// In one go: a third of the time that an object with a state takes, for texts as short as these.
const digest = (text: string) => hash('sha256', text, 'base64url');

/** 132 bits of a hash over parts that cannot run into each other: an id for ever. */
export const stableId = (...parts: readonly (string | number)[]): string =>
  digest(JSON.stringify(parts)).slice(0, 22);

/** A number from 0 to 2³² - 1 that belongs to the parts: always the same, unlike that of their neighbours. */
export const phase = (...parts: readonly string[]): number =>
  Number.parseInt(hash('sha256', JSON.stringify(parts), 'hex').slice(0, 8), 16);

/** 48 bits: enough to notice a change of one known thing, too few to tell many things apart. */
export const fingerprint = (value: unknown): string => digest(canonicalJson(value)).slice(0, 8);
