import type { Quarantined } from '../adapters/dynamo-control.ts';
import { canonicalJson } from '../hash.ts';

/** A record is told in a line, not in full. */
const MAX_LINE = 300;

/** What a simulated provider sent of which no call can be read. */
export interface MalformedSent {
  readonly connection: string;
  readonly malformedSent: readonly unknown[];
}

export interface QuarantineVerdict {
  /** Records in quarantine that no provider sent malformed. */
  readonly quarantinedWrongly: number;
  /** Records that a poll was shown malformed and that are not in quarantine. */
  readonly malformedMissed: number;
  /** One line for each of them, to look at. */
  readonly odd: readonly string[];
}

/**
 * What a record is known by: its id. One without is known by its whole text, so each of its versions is
 * a record of its own.
 */
function nameOf(record: unknown): string {
  const { id } = Object(record) as { id?: unknown };
  return typeof id === 'string' ? id : canonicalJson(record);
}

/**
 * Compares the records that were set aside with those that the providers sent malformed. They are
 * compared whole: a good version of a record of which another version is malformed does not belong there.
 * One in the bucket is larger than any that a simulator deforms so, and counts as wrong.
 */
export function judgeQuarantine(
  truths: readonly MalformedSent[],
  kept: readonly Quarantined[],
): QuarantineVerdict {
  const verdicts = truths.map(({ connection, malformedSent }) => {
    const mine = kept.filter((record) => record.connection === connection).map(({ raw }) => raw);
    const sentTexts = new Set(malformedSent.map(canonicalJson));
    const keptNames = new Set(mine.map(nameOf));
    const sentNames = [...new Set(malformedSent.map(nameOf))];
    return {
      wrong: mine
        .filter((raw) => !sentTexts.has(canonicalJson(raw)))
        .map((raw) => `${connection} ${nameOf(raw)}`),
      missed: sentNames
        .filter((name) => !keptNames.has(name))
        .map((name) => `${connection} ${name}`),
    };
  });
  const wrong = verdicts.flatMap((verdict) => verdict.wrong);
  const missed = verdicts.flatMap((verdict) => verdict.missed);
  return {
    quarantinedWrongly: wrong.length,
    malformedMissed: missed.length,
    odd: [
      ...wrong.map((record) => `quarantined wrongly: ${record}`),
      ...missed.map((record) => `malformed, and not in quarantine: ${record}`),
    ].map((line) => line.slice(0, MAX_LINE)),
  };
}
