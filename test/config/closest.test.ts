import { describe, expect, it } from 'vitest';
import { closest } from '../../lib/config/closest.ts';

describe('the closest word', () => {
  it.each([
    ['one letter replaced', 'hamza', 'hamsa'],
    ['two letters swapped', 'provdier', 'provider'],
    ['a letter too few', 'evry', 'every'],
    ['a letter too many', 'everyy', 'every'],
    ['another case', 'PollInterval', 'pollinterval'],
  ])('is found over %s', (_, word, meant) => {
    expect(closest(word, ['unrelated', meant, 'other'])).toBe(meant);
  });

  it('is the nearest of several', () => {
    expect(closest('call.complete', ['call.updated', 'call.completed'])).toBe('call.completed');
  });

  it('is none when nothing is near', () => {
    expect(closest('retell', ['hamsa', 'samva'])).toBeUndefined();
    expect(closest('a', ['b'])).toBeUndefined();
    expect(closest('', ['ops'])).toBeUndefined();
    expect(closest('ops', [])).toBeUndefined();
  });
});
