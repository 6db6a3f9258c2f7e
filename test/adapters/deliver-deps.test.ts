import { describe, expect, it } from 'vitest';
import { deliverDeps } from '../../lib/adapters/deps/deliver.ts';
import { sender } from '../../lib/destinations/webhook/send.ts';

const env = (queues: Readonly<Record<string, string>>) => ({
  CONTROL_TABLE: 'control',
  DELIVERIES_TABLE: 'deliveries',
  DELIVER_QUEUES: JSON.stringify(queues),
});

describe('what deliver is given', () => {
  it('is a queue for every kind that this deployment has, so that any can be a fallback', () => {
    const queues = { slack: 'https://sqs.example/slack', webhook: 'https://sqs.example/webhook' };
    const { queueOf } = deliverDeps(env(queues), sender);

    expect(queueOf('webhook')).toBeDefined();
    expect(queueOf('slack')).toBeDefined();
    expect(queueOf('fax')).toBeUndefined();
  });

  it('is nothing when its own kind has no queue', () => {
    const build = () => deliverDeps(env({ slack: 'https://sqs.example/slack' }), sender);

    expect(build).toThrow('DELIVER_QUEUES has no queue for kind webhook');
  });
});
