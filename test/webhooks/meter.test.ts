import { expect, it } from 'vitest';
import { meterOf } from '../../lib/webhooks/meter.ts';
import { stored } from '../cli/taps.ts';

const endedAt = '2026-11-20T09:59:00.000Z';
const after = (seconds: number) => new Date(Date.parse(endedAt) + seconds * 1000).toISOString();

it('counts final calls by the path that showed their end first', () => {
  const calls = [
    stored(),
    stored({}, { via: 'hint' }),
    stored({}, { via: 'webhook' }),
    stored({ outcome: 'open' }, { via: 'webhook' }),
  ];

  expect(meterOf(calls).first).toEqual({ poll: 1, hint: 1, webhook: 1, sweep: 0 });
});

it('tells how late webhooks were that were first', () => {
  const first = (seconds: number) =>
    stored({ endedAt }, { via: 'webhook', receivedAt: after(seconds) });
  const others = [
    stored({ endedAt }, { receivedAt: after(900) }),
    stored({ endedAt }, { via: 'webhook', revision: 2, receivedAt: after(900) }),
    stored({ endedAt: null }, { via: 'webhook', receivedAt: after(900) }),
  ];

  expect(meterOf([first(3), first(1), first(-1), ...others]).lateMs).toEqual({
    p50: 1_000,
    p99: 3_000,
  });
});

it('has no lateness where no webhook was first', () => {
  expect(meterOf([stored()]).lateMs).toBeNull();
});
