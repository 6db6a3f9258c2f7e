import { randomBytes } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromCallsItem, toCallItem, toNoticeItem } from '../../lib/adapters/call-item.ts';
import { transitionsOf } from '../../lib/adapters/stream-records.ts';
import { forgottenVersion } from '../../lib/calls/forgotten.ts';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { zipText } from '../../lib/calls/raw-record.ts';
import { mergeCalls, nextVersion, type StoredCall, staleVersion } from '../../lib/calls/version.ts';
import { connectionNotice, driftNotice } from '../../lib/events/notice.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { isListed, type Provider } from '../../lib/providers/provider.ts';
import { samva } from '../../lib/providers/samva/index.ts';
import { solum } from '../../lib/providers/solum/index.ts';
import { vozagent } from '../../lib/providers/vozagent/index.ts';
import hamsaDetail from '../fixtures/hamsa/detail.json' with { type: 'json' };
import hamsaList from '../fixtures/hamsa/list.json' with { type: 'json' };
import samvaDetail from '../fixtures/samva/detail.json' with { type: 'json' };
import samvaList from '../fixtures/samva/list.json' with { type: 'json' };
import solumList from '../fixtures/solum/list-workflow.json' with { type: 'json' };
import vozagentDetail from '../fixtures/vozagent/detail.json' with { type: 'json' };
import vozagentList from '../fixtures/vozagent/list.json' with { type: 'json' };
import { aCall, connection, FAILED, look, NOW, OPEN, policy, STALE } from '../support/calls.ts';

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
      fc.json().map((inline) => ({ inline })),
      fc.constant({ key: 'raw/clinic/x/1.json.gz' }),
      fc.constant(null),
    ),
    withheld: fc.subarray(['summary', 'numbers']),
    via: fc.constantFrom('poll', 'hint', 'webhook'),
    isStale: fc.boolean(),
    isChanged: fc.boolean(),
    createdAt: fc.constantFrom('2026-11-20T11:58:00.000Z', null),
    id: fc.stringMatching(/^[a-z#]{1,9}$/),
  })
  .map(
    ({
      word,
      agentName,
      attributes,
      raw,
      withheld,
      via,
      isStale,
      isChanged,
      ...facts
    }): StoredCall => {
      const json: unknown = JSON.parse(JSON.stringify(attributes).replaceAll('__proto__', 'proto'));
      const seen = look(0, {
        ...word,
        ...facts,
        agent: { id: null, name: agentName },
        attributes: Object(json) as StoredCall['call']['attributes'],
      });
      const stored = nextVersion(undefined, seen, policy({ withheld, via }));
      if (!stored) throw new Error('a first look is always news');
      const again = nextVersion(stored, look(1, { outcome: 'completed' }), policy({ withheld }));
      const standing = (isChanged && again) || stored;
      return { ...standing, ...(isStale && staleVersion(standing, STALE)), raw };
    },
  );

interface Documented {
  readonly provider: Provider;
  readonly list: unknown;
  readonly detail?: unknown;
}
const DOCUMENTED: readonly Documented[] = [
  { provider: hamsa, list: hamsaList, detail: hamsaDetail },
  { provider: samva, list: samvaList, detail: samvaDetail },
  { provider: solum, list: solumList },
  { provider: vozagent, list: vozagentList, detail: vozagentDetail },
];

/** The versions that a provider's documented answers make of calls: each row of the list, with the detail. */
function documentedVersions({ provider, list, detail }: Documented): StoredCall[] {
  const settings = connection({ id: 'clinic-riyadh', provider: provider.id, phoneRegion: 'SA' });
  const read = detail === undefined ? undefined : provider.detail?.read(detail);
  return provider.list.read(list, 0, undefined).listed.map((row) => {
    const seen = normalizeCall(row.facts, provider, settings);
    const full = read && isListed(read) ? read : row;
    const call = mergeCalls(normalizeCall(full.facts, provider, settings), seen);
    const stored = nextVersion(undefined, { ...look(0), call, rowPrint: '12345678' }, policy());
    if (!stored) throw new Error('a first look is always news');
    const raw = full === row ? [row.raw] : [row.raw, full.raw];
    return { ...stored, raw: { inline: JSON.stringify(raw) } };
  });
}

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

  it.each(DOCUMENTED)(
    'is billed as one kilobyte for documented calls of $provider.id',
    (documented) => {
      const sizes = documentedVersions(documented).map((stored) =>
        billedBytes(marshall(toCallItem(stored))),
      );

      expect(sizes.length).toBeGreaterThan(0);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024);
    },
  );

  it('is read as it was written before facts were packed', () => {
    const call = aCall({
      summary: 'مرحبا',
      contactNumber: '+12025550118',
      attributes: { a: 1e200 },
    });
    const seen = { ...look(0), call, rowPrint: '12345678' };
    const stored = { ...nextVersion(undefined, seen, policy()), changes: ['summary'] };
    const { attributes, ...facts } = call;
    const written = {
      ...stored,
      pk: `clinic#${call.id}`,
      t: 'clinic#2026-11-20',
      at: call.createdAt,
      n: call.contactNumber,
      call: {
        ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)),
        attributes: JSON.stringify(attributes),
      },
      raw: zipText('[{"id":"a"}]'),
    };

    expect(fromCallsItem(written)).toEqual({
      call: { ...stored, raw: { inline: '[{"id":"a"}]' } },
    });
  });

  it('whose open part was changed by hand is refused rather than misread', () => {
    const [stored] = DOCUMENTED.flatMap(documentedVersions);
    const item = stored && toCallItem(stored);
    const open = z.looseObject({}).parse(item?.call);
    const changed = { ...item, call: { ...open, providerStatus: 'other' } };

    expect(() => fromCallsItem(changed)).toThrow(/dictionary/);
  });

  it('that is forgotten announces nothing, also in the place of one that cannot be read', () => {
    const stored = nextVersion(undefined, look(0), policy());
    if (!stored) throw new Error('A first look is a version');
    const forgotten = toCallItem(forgottenVersion(stored.call, stored, NOW));
    const odd = { ...toCallItem(stored), revision: 'odd' };
    const dynamodb = { SequenceNumber: '1', NewImage: image(forgotten), OldImage: image(odd) };
    const [transition] = transitionsOf([{ dynamodb }]);

    expect(transition?.read()).toMatchObject({ after: { forgotten: true }, before: undefined });
  });

  it('is refused when it is too large, before anything is written', () => {
    const stored = nextVersion(
      undefined,
      look(0, { attributes: { a: randomBytes(100_000).toString('base64') } }),
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
