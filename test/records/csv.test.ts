import { describe, expect, it } from 'vitest';
import { CSV_COLUMNS, csvHead, csvLine } from '../../lib/records/csv.ts';
import { stored } from '../cli/taps.ts';

/** What RFC 4180 makes of a text, read the other way. */
function cellsOf(text: string): string[] {
  return [...text.matchAll(/("((?:[^"]|"")*)"|[^,\r\n]*)(,|\r\n)/g)].map(
    ([, plain = '', quoted]) => quoted?.replaceAll('""', '"') ?? plain,
  );
}
const cell = (name: string, facts: Parameters<typeof stored>[0]) =>
  cellsOf(csvLine(stored(facts)))[CSV_COLUMNS.indexOf(name)];

describe('a call as a line of CSV', () => {
  it('has a cell for each column of the head', () => {
    expect(cellsOf(csvHead())).toEqual(CSV_COLUMNS);
    expect(cellsOf(csvLine(stored()))).toHaveLength(CSV_COLUMNS.length);
    expect(cell('silent', {})).toBe('false');
  });

  it.each(['a, b', 'he said "no"', 'two\nlines', 'مركز الاتصال', ' spaces '])(
    'keeps %j as it is',
    (summary) => {
      expect(cell('summary', { summary })).toBe(summary);
    },
  );

  it.each([
    '=1+1',
    '+cmd|x',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '＝1',
    '=HYPERLINK("http://x","y")',
  ])('lets no spreadsheet take %j for a formula', (summary) => {
    expect(cell('summary', { summary })).toBe(`'${summary}`);
  });

  it('leaves numbers as they are, and what is not known empty', () => {
    expect(cell('contactNumber', { contactNumber: '+966501234567' })).toBe('+966501234567');
    expect(cell('reason', {})).toBe('');
    expect(cell('attributes', { attributes: { a: 'b,c' } })).toBe('{"a":"b,c"}');
  });
});
