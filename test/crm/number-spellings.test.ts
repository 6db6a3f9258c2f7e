import { expect, it } from 'vitest';
import { spellingsOf } from '../../lib/crm/number-spellings.ts';
import { formatOf, numberFormats } from '../../lib/crm/phone.ts';

it.each([
  [
    '+966501234567',
    ['+966 50 123 4567', '966501234567', '050 123 4567', '0501234567', '501234567'],
  ],
  ['+12025550123', ['+1 202 555 0123', '12025550123', '(202) 555-0123', '202-555-0123']],
  ['+442079460000', ['+44 20 7946 0000', '020 7946 0000', '02079460000']],
])('%s is spelled as people there spell it', (number, spellings) => {
  expect(spellingsOf(number, numberFormats)).toEqual(expect.arrayContaining(spellings));
});

it.each(['+966501234567', '+12025550123', '+390612345678', '+33142685300'])(
  'every spelling of %s is understood as its format',
  (number) => {
    for (const format of numberFormats) {
      for (const spelling of spellingsOf(number, [format])) {
        expect([spelling, formatOf(spelling, number)]).toEqual([spelling, format]);
      }
    }
  },
);
