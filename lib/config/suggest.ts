import { closest } from './closest.ts';

/** What to write instead of `word`: the candidate that was probably meant, else any of them. */
export function suggest(word: unknown, candidates: readonly string[]): string {
  const meant = typeof word === 'string' ? closest(word, candidates) : undefined;
  if (meant !== undefined) return didYouMean(meant);
  if (candidates.length === 0) return 'There is none yet: add one first.';
  return `Write one of: ${candidates.slice(0, 20).join(', ')}.`;
}

export const didYouMean = (candidate: string): string => `Did you mean "${candidate}"?`;
