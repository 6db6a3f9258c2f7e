import { type Chance, strikes } from './faults.ts';
import type { Json } from './json.ts';
import type { Random } from './random.ts';

const QUARANTINABLE = ['missingId', 'wrongType', 'notAnObject'] as const;
const TOLERABLE = ['extraField', 'unknownStatus', 'missingField', 'hugeField'] as const;

/**
 * How a record can be wrong. *Quarantinable*: no call can be read from it, so it must be set aside and
 * reported. *Tolerable*: the call is all there, and must be announced like any other.
 */
export type MalformedKind = (typeof QUARANTINABLE)[number] | (typeof TOLERABLE)[number];

const KINDS: readonly MalformedKind[] = [...QUARANTINABLE, ...TOLERABLE];
// 300 KB as UTF-8, in a field that is shown to people.
const HUGE = 'ا'.repeat(150 * 1024);

/** Which records are wrong and how: drawn once for each call, so that it stays wrong the same way. */
export interface Malformations {
  /** Draws when the call is served for the first time. */
  draw(id: string): MalformedKind | undefined;
  isQuarantinable(id: string): boolean;
  /** Nothing is wrong with those that were drawn so far. */
  mend(): void;
}

/** `faults` is read at each draw, so that it can be changed at run time. */
export function createMalformations(
  faults: { readonly malformed: Partial<Record<MalformedKind, Chance>> },
  random: Random,
): Malformations {
  const kinds = new Map<string, MalformedKind | undefined>();
  return {
    draw(id) {
      if (!kinds.has(id)) {
        kinds.set(
          id,
          KINDS.find((kind) => strikes(faults.malformed[kind] ?? 0, random)),
        );
      }
      return kinds.get(id);
    },
    mend() {
      for (const id of kinds.keys()) kinds.set(id, undefined);
    },
    isQuarantinable: (id) => QUARANTINABLE.some((kind) => kind === kinds.get(id)),
  };
}

/** The names by which a provider's records are deformed. */
export interface Deformation {
  /** The field of the status, and a word for an open call that is on no page. */
  readonly status: string;
  readonly unknownWord: string;
  /** Fields that a record may go without. */
  readonly optional: readonly string[];
  /** A field of free text. */
  readonly text: string;
}

/** The record as a faulty provider would send it. An unknown word is used for open calls only. */
export function deform(
  record: Json,
  kind: MalformedKind | undefined,
  isFinal: boolean,
  { status, unknownWord, optional, text }: Deformation,
): unknown {
  switch (kind) {
    case undefined:
      return record;
    case 'missingId':
      return without(record, ['id']);
    case 'wrongType':
      return { ...record, [status]: 42 };
    case 'notAnObject':
      return 'row';
    case 'extraField':
      return { ...record, sentimentV2: { score: 0.4, labels: ['calm'] } };
    case 'unknownStatus':
      // A call that ended with an unknown word could not be known to be over where no end is told.
      return isFinal ? record : { ...record, [status]: unknownWord };
    case 'missingField':
      return without(record, optional);
    case 'hugeField':
      return { ...record, [text]: HUGE };
  }
}

function without(record: Json, fields: readonly string[]): Json {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !fields.includes(name)));
}
