import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCallsItem, toCallItem, toNoticeItem } from '../../lib/adapters/call-item.ts';
import { transitionsOf } from '../../lib/adapters/stream-records.ts';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { packRaw } from '../../lib/calls/raw-record.ts';
import { nextVersion, type StoredCall, staleVersion } from '../../lib/calls/version.ts';
import { connectionNotice, driftNotice } from '../../lib/events/notice.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import list from '../fixtures/hamsa/list.json' with { type: 'json' };
import { connection, FAILED, look, NOW, OPEN, policy, STALE } from '../support/calls.ts';
import { memoryRawBucket } from '../support/memory-calls.ts';

/** The image of an item as a stream record carries it to Lambda: JSON, binary as base64. */
const image = (item: Record<string, unknown>): unknown =>
  JSON.parse(
    JSON.stringify(marshall(item, { removeUndefinedValues: true }), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ),
  );

const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 30 }), { nil: null });
const anyStored = fc
  .record({
    word: fc.constantFrom(OPEN, FAILED, {}),
    summary: text,
    agentName: text,
    contactNumber: text,
    durationSeconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null }),
    attributes: fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,9}$/), fc.jsonValue(), { maxKeys: 4 }),
    raw: fc.oneof(
      fc.uint8Array({ minLength: 1 }).map((inline) => ({ inline })),
      fc.constant({ key: 'raw/clinic/x/1.json.gz' }),
      fc.constant(null),
    ),
    withheld: fc.subarray(['summary', 'numbers']),
    isStale: fc.boolean(),
  })
  .map(({ word, agentName, attributes, raw, withheld, isStale, ...facts }): StoredCall => {
    const json: unknown = JSON.parse(JSON.stringify(attributes).replaceAll('__proto__', 'proto'));
    const seen = look(0, {
      ...word,
      ...facts,
      agent: { id: null, name: agentName },
      attributes: Object(json) as StoredCall['call']['attributes'],
    });
    const stored = nextVersion(undefined, seen, policy({ withheld }));
    if (!stored) throw new Error('a first look is always news');
    return { ...stored, ...(isStale && staleVersion(stored, STALE)), raw };
  });

describe('an item of the Calls table', () => {
  it('is read again as the call that was written', () => {
    fc.assert(
      fc.property(anyStored, (stored) => {
        expect(fromCallsItem(toCallItem(stored))).toEqual({ call: stored });
      }),
    );
  });

  it('is read again from its stream record too, binary and all', () => {
    fc.assert(
      fc.property(anyStored, anyStored, (before, after) => {
        const record = {
          eventName: 'MODIFY',
          dynamodb: {
            SequenceNumber: '1',
            OldImage: image(toCallItem(before)),
            NewImage: image(toCallItem(after)),
          },
        };
        const [transition] = transitionsOf([record]);

        expect(transition?.position).toBe('1');
        // Cloned, because a Buffer is a Uint8Array that looks different.
        expect(structuredClone(transition?.read())).toEqual(structuredClone({ before, after }));
      }),
    );
  });

  it('is at most one kilobyte for the call of Hamsa’s page, raw record included', async () => {
    const row = hamsa.list.read(list, 0, undefined).listed[0];
    if (!row) throw new Error('There is a fixture of a list');
    const call = normalizeCall(row.facts, hamsa, connection({ id: 'clinic-riyadh' }));
    const stored = nextVersion(undefined, { ...look(0), call, rowPrint: '12345678' }, policy());
    const raw = await packRaw('x', [row.raw], memoryRawBucket());
    const item = stored && toCallItem({ ...stored, raw });

    expect(item && billedBytes(marshall(item))).toBeLessThanOrEqual(1_024);
  });

  it('is refused when it is too large, before anything is written', () => {
    const stored = nextVersion(
      undefined,
      look(0, { attributes: { a: 'x'.repeat(100_000) } }),
      policy(),
    );

    expect(() => stored && toCallItem(stored)).toThrow(/is not written/);
  });

  it('that is a notice of drift is kept for ever, one of a connection for a month', () => {
    const who = { id: 'clinic', provider: 'hamsa' };
    const drift = driftNotice(who, { field: 'a', rule: 'b' }, NOW);
    const failing = connectionNotice(
      'connection.failing',
      { ...who, reason: 'x', since: NOW.toISOString() },
      NOW,
    );

    expect(toNoticeItem(drift)).not.toHaveProperty('expiresAt');
    expect(toNoticeItem(failing)).toMatchObject({ expiresAt: NOW.getTime() / 1000 + 30 * 86_400 });
    expect(fromCallsItem(toNoticeItem(drift))).toEqual({ notice: drift });
  });

  it.each([{}, { pk: 'a' }, { notice: { type: 'call.completed' } }])('%j is refused', (item) => {
    expect(() => fromCallsItem(item)).toThrow();
  });
});

/** What an item is billed as. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function billedBytes(item: Record<string, AttributeValue>): number {
  const sizeOf = (value: AttributeValue): number => {
    if (value.S !== undefined) return Buffer.byteLength(value.S);
    if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
    if (value.B !== undefined) return value.B.byteLength;
    if (value.L !== undefined) return 3 + value.L.reduce((sum, one) => sum + 1 + sizeOf(one), 0);
    if (value.M !== undefined) return 3 + Object.keys(value.M).length + billedBytes(value.M);
    return 1;
  };
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value),
    0,
  );
}
