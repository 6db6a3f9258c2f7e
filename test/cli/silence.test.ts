import { describe, expect, it } from 'vitest';
import { type SilenceOptions, silence, silenceLine } from '../../lib/cli/silence.ts';

const options: SilenceOptions = {
  when: ['connection: clinic'],
  everything: false,
  to: [],
  for: '2h',
  comment: 'works',
  list: false,
  config: 'nowhere.yaml',
  data: 'nowhere',
  json: false,
};

describe('a silence that is not well said', () => {
  it.each<[string, Partial<SilenceOptions>, string]>([
    ['without events', { when: [] }, '--everything'],
    ['of all events and of some', { everything: true }, 'only one'],
    ['without a reason', { comment: undefined }, '--comment'],
    ['without an end', { for: undefined }, '--for 2h'],
    ['for ever', { for: '91d' }, '--for 2h'],
    ['for a moment', { for: '59s' }, '--for 2h'],
  ])('is refused %s before anything is begun', async (_what, wrong, hint) => {
    await expect(silence({ ...options, ...wrong })).rejects.toThrow(hint);
  });
});

it('a silence reads as a sentence', () => {
  const line = silenceLine({
    id: 'a1',
    when: { connection: 'clinic', reason: { not: 'busy' } },
    to: ['ops', 'duty'],
    author: 'Rana',
    comment: 'their lines move',
    createdAt: '2026-01-31T09:00:00.000Z',
    until: '2026-01-31T10:00:00.000Z',
  });

  expect(line).toBe(
    'a1  until 2026-01-31T10:00:00.000Z: ops, duty hear nothing where connection is "clinic" and reason is anything but "busy". Rana: their lines move',
  );
});
