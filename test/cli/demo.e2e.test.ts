import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { callwire, type Ended, isPlain, reportIn } from './callwire.ts';

describe('callwire demo', () => {
  let ended: Ended;

  beforeAll(async () => {
    ended = await callwire(['demo', '--seconds', '15', '--json']);
  }, 60_000);

  it('ends well, having lost nothing, said nothing twice and set aside what is malformed', () => {
    expect(reportIn(ended)).toMatchObject({
      lost: 0,
      duplicates: 0,
      quarantinedWrongly: 0,
      malformedMissed: 0,
      failing: [],
      drained: true,
    });
    expect(ended.status).toBe(0);
  });

  it('tells Slack, HubSpot and a webhook of every final call, and says how fast', () => {
    const counts = z.object({ delivered: z.int(), waiting: z.int() });
    const { final, silent, deliveries } = z
      .object({
        final: z.int(),
        silent: z.int(),
        // How fast is for a benchmark to judge: other suites run on this machine meanwhile.
        latencyMs: z.object({ p50: z.number().positive() }),
        deliveries: z.object({ slack: counts, hubspot: counts, webhook: counts }),
      })
      .parse(reportIn(ended));

    expect(final - silent).toBeGreaterThan(0);
    for (const { delivered, waiting } of Object.values(deliveries)) {
      expect(delivered).toBeGreaterThanOrEqual(final - silent);
      expect(waiting).toBe(0);
    }
  });

  it('shows on stderr, in lines without colours, what happens', () => {
    for (const word of ['seen', 'changed', 'announced', 'told']) {
      expect(ended.stderr).toMatch(new RegExp(`^\\d+:\\d\\d +${word} `, 'm'));
    }
    expect(isPlain(ended.stderr + ended.stdout)).toBe(true);
  });

  it('leaves nothing behind in the temporary folder', () => {
    expect(ended.left).toEqual([]);
  });
});
