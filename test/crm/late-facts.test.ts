import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWritten, lateFacts, markOf, parseWritten } from '../../lib/crm/late-facts.ts';

describe('what we wrote', () => {
  it('is read back as it was noted', () => {
    const written = { revision: 3, marks: { Subject: markOf('a'), Status: markOf('b') } };

    expect(parseWritten(formatWritten(written))).toEqual(written);
    for (const text of [undefined, null, '', 'Subject=abc', 'words of a person', '-1 a=b']) {
      expect(parseWritten(text), String(text)).toEqual({ revision: 0, marks: {} });
    }
  });

  it.each([
    ['2026-11-20T09:58:10Z', '2026-11-20T09:58:10.000Z'],
    ['<p>Two&nbsp;words &amp; more</p>', '<div>Two words &amp; more</div>'],
    ['a\r\n  b ', 'a\nb'],
    ['35', '35.0'],
  ])('%j is what %j was', (one, other) => {
    expect(markOf(one)).toBe(markOf(other));
  });

  it.each([
    ['+966501234567', '966501234567'],
    ['Completed', 'completed'],
    ['2026-11-20', '2026-11-21'],
    ['<b>a</b>b', 'a'],
  ])('%j is not what %j was', (one, other) => {
    expect(markOf(one)).not.toBe(markOf(other));
  });
});

/** Names and values small enough to meet often. */
const name = fc.constantFrom('A', 'B', 'C');
const facts = fc.dictionary(name, fc.constantFrom('1', '2', '3'));
const edits = fc.dictionary(name, fc.constantFrom('', 'mine', 'my own'));

describe('late facts', () => {
  it('never undo what a person did, whatever comes in whatever order', () => {
    const step = fc.record({ facts, edits, revision: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        let record: { values: Record<string, string>; written: string } | undefined;
        const byPerson = new Map<string, string>();
        for (const { facts: wanted, edits: edited, revision } of steps) {
          const patch = lateFacts(revision, wanted, record);
          if (patch !== undefined) {
            const values = { ...record?.values, ...patch.fields };
            record = { values, written: formatWritten(patch.written) };
          }
          for (const [field, value] of byPerson) expect(record?.values[field]).toBe(value);
          // Only what was written once can be edited into another value than nothing.
          for (const [field, value] of Object.entries(edited)) {
            if (record?.values[field] === undefined) continue;
            record = { ...record, values: { ...record.values, [field]: value } };
            byPerson.set(field, value);
          }
        }
      }),
    );
  });

  it('are all there in the end when no person interferes', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 5 }), (versions) => {
        let record: { values: Record<string, string>; written: string } | undefined;
        for (const [index, wanted] of versions.entries()) {
          const patch = lateFacts(index + 1, wanted, record);
          record = {
            values: { ...record?.values, ...patch?.fields },
            written: formatWritten(patch?.written ?? { revision: 0, marks: {} }),
          };
        }
        expect(record?.values).toEqual(Object.assign({}, ...versions));
      }),
    );
  });

  it('say nothing again that stands there already', () => {
    const first = lateFacts(1, { A: '1', B: '2' }, undefined);
    const before = { values: { A: '1', B: '2' }, written: first && formatWritten(first.written) };

    expect(lateFacts(1, { A: '3' }, before)).toBeUndefined();
    expect(lateFacts(2, { A: '1', B: '3' }, before)?.fields).toEqual({ B: '3' });
  });
});
