import { describe, expect, it } from 'vitest';
import { addToTally } from '../../lib/cli/tally.ts';
import { callEvent, connectionEvent } from '../delivery/events.ts';
import { deliveryLine, eventTap, itemTap, logTap, NOW, pollLine, stored, tallyOf } from './taps.ts';

const told = (...args: Parameters<typeof tallyOf>) =>
  tallyOf(...args).happenings.map(({ kind, text }) => `${kind}: ${text}`);

describe('the tally', () => {
  it('tells the life of a call in words', () => {
    const open = stored({ outcome: 'open', status: 'in_progress', providerStatus: 'IN_PROGRESS' });
    const ended = stored({ status: 'no_answer', outcome: 'failed' }, { version: 2 });
    const changes = ['recordingUrl', 'attributes.callAnalysis'];
    const updated = stored({}, { version: 3, revision: 2, changes });

    expect(told([open, ended, updated].map(itemTap))).toEqual([
      'seen: a call with Support Agent: in progress',
      'changed: Support Agent: no answer',
      'changed: Support Agent: now known too: recording url, call analysis',
    ]);
  });

  it('keeps the last version of each call, without its raw record', () => {
    const raw = { inline: new Uint8Array([1, 2, 3]) };
    const tally = tallyOf([
      itemTap(stored({}, { raw })),
      itemTap(stored({ id: 'other' })),
      itemTap(stored({}, { version: 2, revision: 2, raw })),
    ]);

    expect([...tally.calls.values()].map(({ version, raw: kept }) => [version, kept])).toEqual([
      [2, null],
      [1, null],
    ]);
  });

  it('counts calls by each word of their provider, once however often they show it', () => {
    const { providerStatuses } = tallyOf([
      itemTap(stored({ providerStatus: 'PENDING', outcome: 'open' })),
      itemTap(stored({ providerStatus: 'PENDING', outcome: 'open' }, { version: 2 })),
      itemTap(stored({ providerStatus: 'COMPLETED' }, { version: 3 })),
    ]);

    expect([...providerStatuses].map(([word, ids]) => [word, ids.size])).toEqual([
      ['PENDING', 1],
      ['COMPLETED', 1],
    ]);
  });

  it('says nothing of silent calls, but counts them', () => {
    const tally = tallyOf([itemTap(stored({}, { silent: true }))]);

    expect([tally.calls.size, tally.happenings]).toEqual([1, []]);
  });

  it('tells announcements with whom and why', () => {
    const failed = callEvent({ type: 'call.failed' }, { reason: 'provider.error' });

    expect(told([eventTap(failed), eventTap(connectionEvent())])).toEqual([
      'announced: call.failed · Support Agent · provider error',
      expect.stringMatching(/^announced: connection\.failing · clinic-riyadh · /),
    ]);
  });

  it('tells what a person reads at the destination, where that is known', () => {
    const words = () => 'Slack #ops: Call completed';

    expect(told([logTap(deliveryLine())], words)).toEqual(['told: Slack #ops: Call completed']);
    expect(told([logTap(deliveryLine())])).toEqual(['told: ops']);
  });

  it('tells waiting and trouble of a delivery, and keeps its last state', () => {
    const waiting = deliveryLine({ state: 'waiting', reason: 'rate_limited' });
    const parked = deliveryLine({ state: 'parked', reason: 'channel_not_found' });
    const taps = [logTap(waiting), logTap(parked)];

    expect(told(taps)).toEqual([
      'waiting: ops: rate limited',
      'trouble: ops: parked, channel not found',
    ]);
    expect([...tallyOf(taps).deliveries.values()]).toEqual([
      { destination: 'ops', state: 'parked' },
    ]);
  });

  it('tells of a failing connection once, and forgets its trouble when it is well again', () => {
    const bad = logTap(pollLine({ ok: false, reason: 'key_refused' }));
    const tally = tallyOf([bad, bad]);

    expect(tally.happenings).toHaveLength(1);
    expect(tally.connections.get('clinic-riyadh')?.trouble).toBe('key_refused');

    addToTally(tally, logTap(pollLine({ requests: 3, detailRequests: 2 })), NOW);

    expect(tally.connections.get('clinic-riyadh')).toEqual({
      provider: 'hamsa',
      polls: 3,
      lastPollAt: NOW,
      trouble: undefined,
    });
    expect([tally.polls, tally.requests, tally.detailRequests]).toEqual([3, 5, 2]);
  });

  it('holds a poll that broke against its connection', () => {
    const line = { level: 'error', message: 'a poll broke', connection: 'clinic-riyadh' };
    const tally = tallyOf([logTap({ ...line, reason: 'no such table' })]);

    expect(tally.connections.get('clinic-riyadh')?.trouble).toBe('a poll broke');
    expect(tally.happenings[0]?.text).toBe('clinic-riyadh: a poll broke: no such table');
  });

  it('tells of a function that failed', () => {
    const error = new Error('Task timed out after 30 seconds');

    expect(told([{ kind: 'invoke', function: 'Publish', ok: false, ms: 1, error }])).toEqual([
      'trouble: Publish: Error: Task timed out after 30 seconds',
    ]);
  });

  it('passes over lines and events that it does not know', () => {
    const foreign = eventTap(callEvent());
    const taps = [
      logTap('START RequestId: 1'),
      logTap({ level: 'info', message: 'dispatched' }),
      { ...foreign, ...(foreign.kind === 'event' && { event: { ...foreign.event, detail: {} } }) },
    ];

    expect(told(taps)).toEqual([]);
  });

  it('makes one short line of whatever an agent is called', () => {
    const name = `Bad\n\u001b[2J\u202ename ${'x'.repeat(300_000)}`;
    const [line = ''] = told([
      itemTap(stored({ agent: { id: null, name: name.slice(0, 5_000) } })),
    ]);

    expect(line).toMatch(/^seen: a call with Bad \[2J name x+…$/);
    expect(line.length).toBeLessThan(220);
  });

  it('does not cut a character in two', () => {
    const name = `${'x'.repeat(187)}🚀🚀`;
    const [line = ''] = told([itemTap(stored({ agent: { id: null, name } }))]);

    expect(line.isWellFormed()).toBe(true);
  });

  it('remembers the latest thousand happenings of a long run, and how many there were', () => {
    const tally = tallyOf(Array.from({ length: 1_500 }, () => logTap(deliveryLine())));

    expect([tally.happenings.length, tally.happened]).toEqual([1_000, 1_500]);
  });
});
