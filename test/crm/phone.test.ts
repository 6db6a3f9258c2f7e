import { describe, expect, it } from 'vitest';
import { formatOf, nationalDigits } from '../../lib/crm/phone.ts';

describe('a number that somebody typed', () => {
  it.each([
    ['+966 50 123 4567', 'e164'],
    ['00966501234567', 'e164'],
    ['966501234567', 'digits'],
    ['+966 (0)50 123 4567', 'e164'],
    ['050 123 4567', 'national'],
    ['501234567 ext. 12', 'national'],
    ['+971 50 123 4567', undefined],
    ['00971501234567', undefined],
    ['0501234568', undefined],
    ['', undefined],
  ])('%s is the caller: %s', (typed, how) => {
    expect(formatOf(typed, '+966501234567')).toBe(how);
  });

  it.each([
    ['+12025550123', '2025550123'],
    ['+442079460000', '2079460000'],
    ['+966501234567', '501234567'],
    ['+201001234567', '1001234567'],
    ['+390612345678', '0612345678'],
  ])('%s is dialled at home as %s', (number, national) => {
    expect(nationalDigits(number)).toBe(national);
  });
});
