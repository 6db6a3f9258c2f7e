import { describe, expect, it } from 'vitest';
import type { CallStore } from '../../lib/calls/call-store.ts';
import { unzipText } from '../../lib/calls/raw-record.ts';
import { recordObservation } from '../../lib/calls/record-observation.ts';
import { TransientError } from '../../lib/errors.ts';
import { FAILED, look, OPEN, policy } from '../support/calls.ts';
import { memoryCalls, memoryRawBucket } from '../support/memory-calls.ts';

const setup = () => ({ calls: memoryCalls(), raws: memoryRawBucket() });

describe('recording an observation', () => {
  it('writes a changed call once, and an unchanged one not at all', async () => {
    const deps = setup();

    const first = await recordObservation(look(0), undefined, policy(), deps);
    const again = await recordObservation(look(1), first.stored, policy(), deps);

    expect([first.written, again.written]).toEqual([true, false]);
    expect(deps.calls.count.writes).toBe(1);
  });

  it('builds on what another writer wrote meanwhile', async () => {
    const deps = setup();
    await recordObservation(look(1, OPEN), undefined, policy(), deps);

    const late = await recordObservation(look(2, FAILED), undefined, policy(), deps);

    expect(late.stored).toMatchObject({ version: 2, revision: 1 });
  });

  it('leaves what another writer saw later', async () => {
    const deps = setup();
    await recordObservation(look(5), undefined, policy(), deps);

    const late = await recordObservation(look(4, OPEN), undefined, policy(), deps);

    expect(late).toMatchObject({
      written: false,
      stored: { version: 1, call: { outcome: 'completed' } },
    });
  });

  it('gives up, to be tried again, when others are always first', async () => {
    const { calls, raws } = setup();
    const contended: CallStore = { ...calls, write: async () => false };

    await expect(
      recordObservation(look(0), undefined, policy(), { calls: contended, raws }),
    ).rejects.toThrow(TransientError);
  });

  it('keeps the provider’s own records beside the call while they are small', async () => {
    const deps = setup();

    const { stored } = await recordObservation(look(0), undefined, policy(), deps);

    expect(stored.raw).toEqual({ inline: '[{"id":"call-1"}]' });
    expect(deps.raws.objects.size).toBe(0);
  });

  it('puts large records into the bucket before the call points there', async () => {
    const { calls, raws } = setup();
    const noise = Array.from(
      { length: 30_000 },
      (_, index) => (index * 2_654_435_761) % 4_294_967_296,
    );
    const checked: CallStore = {
      ...calls,
      write: async (next) => {
        expect(next.raw && 'key' in next.raw && raws.objects.has(next.raw.key)).toBe(true);
        return calls.write(next);
      },
    };

    const seen = { ...look(0), raw: [{ noise }] };
    const { stored } = await recordObservation(seen, undefined, policy(), { calls: checked, raws });

    const [[key, gzipped] = []] = [...raws.objects];
    expect(stored.raw).toEqual({ key });
    expect(gzipped && JSON.parse(unzipText(gzipped))).toEqual([{ noise }]);
  });
});
