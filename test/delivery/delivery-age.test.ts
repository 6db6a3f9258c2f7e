import { describe, expect, it } from 'vitest';
import { canaryCall, canaryEvent } from '../../lib/canary/canary.ts';
import { deliverySchema } from '../../lib/delivery/delivery.ts';
import { deliveryAge } from '../../lib/delivery/delivery-age.ts';
import { failedCall } from './events.ts';

const event = { ...failedCall(), recordedAt: '2026-11-20T10:00:00.000Z' };
const message = { event, destination: 'ops', heldMs: 0 };
const row = deliverySchema.parse({
  subject: 'clinic#a',
  destination: 'ops',
  eventId: event.id,
  type: event.type,
  revision: 1,
  state: 'delivered',
  version: 1,
  attempts: 1,
  failures: 0,
  heldMs: 0,
  lease: 'x',
  createdAt: '2026-11-20T10:00:01.000Z',
  claimedAt: '2026-11-20T10:00:01.000Z',
  leaseUntil: '2026-11-20T10:01:01.000Z',
  dueAt: '2026-11-20T10:00:01.000Z',
  deliveredAt: '2026-11-20T10:00:02.500Z',
});

describe('the age of a delivery', () => {
  it('is from the record until its destination accepted it', () => {
    expect(deliveryAge(message, { outcome: 'delivered', row })).toEqual([2_500]);
  });

  it('is not measured of what waits, was delivered before, is a replay or a canary', () => {
    const replay = { ...message, event: { ...event, replay: true } };
    const canary = { ...message, event: canaryEvent(canaryCall(new Date())) };

    expect(deliveryAge(message, { outcome: 'waiting', row })).toEqual([]);
    expect(deliveryAge(message, { outcome: 'dropped', row })).toEqual([]);
    expect(deliveryAge(replay, { outcome: 'delivered', row })).toEqual([]);
    expect(deliveryAge(canary, { outcome: 'delivered', row })).toEqual([]);
  });
});
