import { describe, expect, it } from 'vitest';
import { reportLines } from '../../lib/cli/output.ts';
import { readConfigText } from '../../lib/cli/read-config.ts';
import { allIsWell, type Report, reportOf, type Stored } from '../../lib/cli/report.ts';
import type { Delivery } from '../../lib/delivery/delivery.ts';
import { callEvent } from '../delivery/events.ts';
import {
  eventTap,
  itemTap,
  logTap,
  pollLine,
  stored,
  sweepLine,
  tallyOf,
  webhookLine,
} from './taps.ts';

const CONFIG = readConfigText(
  `connections: [{ id: clinic-riyadh, provider: hamsa, key: env:KEY }]
destinations: [{ id: ops, kind: slack, token: env:TOKEN, channel: "#ops" }]
routes: [{ id: all, to: [ops] }]`,
  'test.yaml',
);

const delivery = (over: Partial<Delivery> = {}): Delivery => ({
  subject: 'clinic-riyadh#call-1',
  destination: 'ops',
  eventId: 'evt-1',
  type: 'call.completed',
  state: 'delivered',
  createdAt: '2026-11-20T10:00:00.000Z',
  attempts: 1,
  failures: 0,
  heldMs: 0,
  lease: 'lease',
  claimedAt: '2026-11-20T10:00:00.000Z',
  leaseUntil: '2026-11-20T10:01:00.000Z',
  // The answer that showed the call was received 250 ms before.
  sentAt: '2026-11-20T10:00:00.150Z',
  deliveredAt: '2026-11-20T10:00:00.200Z',
  ...over,
});

const ENDING = { seconds: 8, drained: true, deadLetters: 0, verdict: undefined };

const report = (
  { deliveries = [delivery()], calls = [stored()], quarantined = [] }: Partial<Stored> = {},
  ending: Parameters<typeof reportOf>[3] = ENDING,
  taps = [
    logTap(pollLine()),
    logTap(sweepLine()),
    ...['carried', 'forged', 'ignored'].map((outcome) => logTap(webhookLine(outcome))),
    itemTap(stored()),
    eventTap(callEvent()),
  ],
): Report => reportOf({ tally: tallyOf(taps) }, { calls, deliveries, quarantined }, CONFIG, ending);

const verdict = {
  lost: 0,
  duplicates: 0,
  quarantinedWrongly: 0,
  malformedMissed: 0,
  traces: { checked: 100, disagreeing: 0 },
};

describe('the report', () => {
  it('adds up a session', () => {
    const calls = [
      stored({ endedAt: '2026-11-20T09:59:59.000Z' }, { via: 'webhook' }),
      stored({ id: 'old' }, { silent: true }),
      stored({ id: 'open', outcome: 'open' }),
    ];

    const quarantined = ['a', 'b'].map((raw) => ({ connection: 'clinic-riyadh', raw }));

    expect(report({ calls, quarantined })).toEqual({
      seconds: 8,
      polls: 1,
      requests: 1,
      detailRequests: 0,
      calls: 3,
      final: 2,
      silent: 1,
      providerStatuses: { COMPLETED: 1 },
      events: { 'call.completed': 1 },
      deliveries: { slack: { delivered: 1, waiting: 0, parked: 0, failed: 0, uncertain: 0 } },
      resent: 0,
      duplicates: null,
      lost: null,
      quarantined: 2,
      quarantinedWrongly: null,
      malformedMissed: null,
      traces: null,
      sweeps: { sweeps: 1, listed: 40, missedFinal: 1, missedChange: 2 },
      webhooks: {
        received: 3,
        forged: 1,
        carried: 1,
        hints: 0,
        unattributed: 0,
        firstByWebhook: 1,
        firstByHint: 0,
        lateMs: { p50: 900, p99: 900 },
      },
      latencyMs: { p50: 250, p99: 250 },
      heldMs: { p50: 0, p99: 0 },
      failing: [],
      deadLetters: 0,
      drained: true,
    });
  });

  it('leaves deliberate waits out of the latency, and tells them', () => {
    const { latencyMs, heldMs } = report({ deliveries: [delivery({ heldMs: 200 })] });

    expect([latencyMs?.p50, heldMs?.p50]).toEqual([50, 200]);
  });

  it('has no latency where nothing of this session was delivered', () => {
    const earlier = delivery({ eventId: 'of an earlier run' });

    expect(report({ deliveries: [earlier, delivery({ state: 'waiting' })] }).latencyMs).toBeNull();
  });

  it('counts the requests beyond the first of each delivery, of which one may have none', () => {
    const deliveries = [3, 1, 0].map((attempts) => delivery({ attempts }));

    expect(report({ deliveries }).resent).toBe(2);
  });

  it('counts a delivery that a worker has at this moment as waiting', () => {
    expect(report({ deliveries: [delivery({ state: 'sending' })] }).deliveries.slack?.waiting).toBe(
      1,
    );
  });

  it('takes the 99th percentile by nearest rank', () => {
    const deliveries = Array.from({ length: 200 }, (_, index) => delivery({ heldMs: index + 1 }));

    expect(report({ deliveries }).heldMs).toEqual({ p50: 100, p99: 198 });
  });

  it('names the connections that fail', () => {
    const ill = logTap(pollLine({ ok: false, reason: 'key_refused' }));

    expect(report({}, ENDING, [ill]).failing).toEqual(['clinic-riyadh']);
  });
});

describe('all is well', () => {
  it('when nothing is lost, doubled, failing or left', () => {
    expect(allIsWell(report())).toBe(true);
    expect(allIsWell(report({}, { ...ENDING, verdict }))).toBe(true);
  });

  it.each<[string, Report]>([
    ['a call is lost', report({}, { ...ENDING, verdict: { ...verdict, lost: 1 } })],
    ['something was said twice', report({}, { ...ENDING, verdict: { ...verdict, duplicates: 1 } })],
    [
      'a sound record is quarantined',
      report({}, { ...ENDING, verdict: { ...verdict, quarantinedWrongly: 1 } }),
    ],
    [
      'a malformed record is not quarantined',
      report({}, { ...ENDING, verdict: { ...verdict, malformedMissed: 1 } }),
    ],
    [
      'a trace tells otherwise than it was',
      report({}, { ...ENDING, verdict: { ...verdict, traces: { checked: 100, disagreeing: 1 } } }),
    ],
    ['something is under way', report({}, { ...ENDING, drained: false })],
    ['a message is dead', report({}, { ...ENDING, deadLetters: 1 })],
    ['a connection fails', report({}, ENDING, [logTap(pollLine({ ok: false }))])],
  ])('not when %s', (_what, ill) => {
    expect(allIsWell(ill)).toBe(false);
  });

  it.each(['waiting', 'parked', 'failed', 'uncertain'] as const)(
    'not when a delivery is %s',
    (state) => {
      expect(allIsWell(report({ deliveries: [delivery({ state })] }))).toBe(false);
    },
  );
});

describe('the report for people', () => {
  it('says what sweeps found where there were any', () => {
    expect(reportLines(report())).toContainEqual(
      'Sweeps: 1, which read 40 calls and found 1 outcomes and 2 changes that polls had missed.',
    );
  });

  it('says what was polled, announced and told', () => {
    const taps = [logTap(pollLine()), itemTap(stored()), eventTap(callEvent())];
    expect(reportLines(report({}, ENDING, taps))).toEqual([
      'In 8 s, starting and ending included: 1 poll, 1 list request, 0 detail requests.',
      'Events: 1 call.completed.',
      'From the provider’s answer to the destination: p50 250 ms, p99 250 ms.',
      'Calls: 1, of which 1 ended and were announced, 0 were over before and are',
      '  only kept, 0 are still going on. Malformed records set aside: 0.',
      'Deliveries to slack: 1 delivered.',
    ]);
  });

  it('tells what earlier runs left from what this one did', () => {
    const lines = reportLines(report(), '.callwire');
    const at = lines.indexOf('In .callwire, with what earlier runs left there:');
    const isBefore = (start: string) => lines.findIndex((line) => line.startsWith(start)) < at;

    expect(['In 8 s', 'Sweeps', 'Events'].map(isBefore)).toEqual([true, true, true]);
    expect(['Calls', 'Deliveries'].map(isBefore)).toEqual([false, false]);
  });

  it('names what needs a look', () => {
    const ill = report(
      { deliveries: [delivery({ state: 'parked', heldMs: 5 })] },
      {
        seconds: 8,
        drained: false,
        deadLetters: 3,
        verdict: {
          ...{ lost: 1, duplicates: 2, quarantinedWrongly: 3, malformedMissed: 4 },
          traces: { checked: 100, disagreeing: 5 },
        },
      },
      [logTap(pollLine({ ok: false }))],
    );
    const text = reportLines(ill).join('\n');

    expect(text).toContain('Deliveries to slack: 1 parked.');
    expect(text).toContain('calls: 1 lost, 2 said twice');
    expect(text).toContain('records: 3 set aside wrongly, 4 malformed but not set aside');
    expect(text).toContain('Failing now: clinic-riyadh.');
    expect(text).toContain('3 messages crashed whoever read them');
    expect(text).toContain('Something was still under way');
  });

  it('says that deliberate waits are not counted, where there were any', () => {
    const held = report({ deliveries: [delivery({ heldMs: 200 })] });

    expect(reportLines(held).join('\n')).toContain('deliberate waits (p99 200 ms) not counted');
  });
});
