import { fingerprint } from '../hash.ts';

/** What stands in a record, by the CRM's names of its fields; null or '': nothing. */
export type Values = Readonly<Record<string, string | null>>;

/**
 * What we left in a record, kept in a field of the record itself: which version of the call it tells, and
 * a mark of each value as we wrote it. A value that no longer fits its mark is a person's.
 */
export interface Written {
  readonly revision: number;
  readonly marks: Readonly<Record<string, string>>;
}

const NOTHING: Written = { revision: 0, marks: {} };

/** 36 bits: enough to see that somebody changed a value, few enough to fit 255 characters for all fields. */
const MARK_LENGTH = 6;

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
};

/** A value without what CRMs change by themselves: spelling of times and numbers, white space, HTML around words. */
function essenceOf(value: string): string {
  const text = value
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (/^-?\d+(\.\d+)?$/.test(text) && text.length < 16) return String(Number(text));
  const isInstant = /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
  return isInstant ? new Date(text).toISOString() : text;
}

export const markOf = (value: string): string =>
  fingerprint(essenceOf(value)).slice(0, MARK_LENGTH);

/** Reads what `formatWritten` wrote; of anything else, that nothing is known. */
export function parseWritten(text: string | null | undefined): Written {
  const [revision = '', ...marks] = (text ?? '').split(' ');
  if (!/^\d{1,9}$/.test(revision)) return NOTHING;
  const pairs = marks.map((mark) => mark.split('=', 2));
  return {
    revision: Number(revision),
    marks: Object.fromEntries(pairs.map(([name = '', mark = '']) => [name, mark])),
  };
}

/** `2 Subject=1aB-9z Status=…`: people may see it in the CRM, nobody has to understand it. */
export const formatWritten = ({ revision, marks }: Written): string =>
  [String(revision), ...Object.entries(marks).map(([name, mark]) => `${name}=${mark}`)].join(' ');

export interface Patch {
  /** The fields to write, none of them to be emptied. */
  readonly fields: Readonly<Record<string, string>>;
  readonly written: Written;
}

/**
 * What to write of what is known now: into a new record everything; into an existing one what is still as
 * we wrote it, and what is empty and was never ours. What a person wrote, or emptied, stays as it is.
 *
 * @param wanted what is known; a field that is left out is not touched
 * @param before undefined: there is no record yet
 * @returns undefined when the record tells this version of the call already, or a later one
 */
export function lateFacts(
  revision: number,
  wanted: Readonly<Record<string, string>>,
  before: { readonly values: Values; readonly written: string | null | undefined } | undefined,
): Patch | undefined {
  const { revision: told, marks } = parseWritten(before?.written);
  if (before !== undefined && told >= revision) return undefined;

  const ours = Object.entries(wanted).filter(([name, value]) => {
    const [current, mark] = [before?.values[name] ?? '', marks[name]];
    if (mark === undefined) return current === '';
    // What stays the same is not written again: some fields of some CRMs can be written only once.
    return current !== '' && markOf(current) === mark && markOf(value) !== mark;
  });
  const fields = Object.fromEntries(ours);
  const fresh = Object.fromEntries(ours.map(([name, value]) => [name, markOf(value)]));
  return { fields, written: { revision, marks: { ...marks, ...fresh } } };
}
