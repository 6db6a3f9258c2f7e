import { describe, expect, it } from 'vitest';
import { initialState, type PollState } from '../../lib/polling/poll-state.ts';
import {
  connectionHealth,
  type KnownConnection,
  knownConnections,
} from '../../lib/records/connection-health.ts';
import { connection, NOW } from '../support/calls.ts';

const settings = connection();
const since = '2026-11-19T10:00:00.000Z';
const state = (over: Partial<PollState> = {}): PollState => ({
  ...initialState(settings, NOW),
  ...over,
});
const failure = { count: 3, reason: 'key_refused', since, announced: false };
const concern = { reason: 'silent', since, announced: false } as const;

describe('the health of a connection', () => {
  it.each<[health: string, known: Partial<KnownConnection>, reason?: string]>([
    ['well', {}],
    ['removed', { settings: undefined }],
    ['never-polled', { state: undefined }],
    ['unwell', { state: state({ failure }) }, 'key_refused'],
    ['failing', { state: state({ failure: { ...failure, announced: true } }) }, 'key_refused'],
    ['well', { state: state({ concern }) }],
    ['failing', { state: state({ concern: { ...concern, announced: true } }) }, 'silent'],
    ['waiting', { state: state({ backoffUntil: new Date(NOW.getTime() + 1).toISOString() }) }],
    ['well', { state: state({ backoffUntil: NOW.toISOString() }) }],
  ])('is %s', (health, known, reason) => {
    const found = connectionHealth({ id: 'clinic', settings, state: state(), ...known }, NOW);

    expect(found.health).toBe(health);
    expect(found.failure).toEqual(reason === undefined ? null : { reason, since });
  });

  it('is asked of those that are configured, and of those that were once', () => {
    const known = knownConnections([settings], new Map([['former', state()]]));

    expect(known.map(({ id }) => id)).toEqual([settings.id, 'former']);
  });
});
