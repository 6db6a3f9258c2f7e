import { describe, expect, it } from 'vitest';
import { addToTally } from '../../lib/cli/tally.ts';
import { callEvent, connectionEvent, deliveryEvent } from '../delivery/events.ts';
import { deliveryLine, eventTap, itemTap, logTap, NOW, pollLine, stored, tallyOf } from './taps.ts';

/** As long as a line may be. */
const MAX_TEXT = 200;

const told = (...args: Parameters<typeof tallyOf>) =>
  tallyOf(...args).happenings.map(({ kind, text }) => `${kind}: ${text}`);

/** Somebody who has a name for each destination, and can look what came there. */
const READER = { nameOf: (id: string) => `Slack #${id}`, wordsOf: () => 'Call completed' };

describe('the tally', () => {
  it('tells the life of a call in words', () => {
    const open = stored({ outcome: 'open', status: 'in_progress', providerStatus: 'IN_PROGRESS' });
    const ended = stored({ status: 'no_answer', outcome: 'failed' }, { version: 2 });
    const changes = ['recordingUrl', 'attributes.callAnalysis'];
    const updated = stored({}, { version: 3, revision: 2, changes });

    expect(told([open, ended, updated].map(itemTap))).toEqual([
      'seen: in progress at clinic-riyadh · Support Agent',
      'changed: no answer · Support Agent',
      'changed: now known too: recording url, call analysis',
    ]);
  });

  it('says once that a connection answers, and again after trouble', () => {
    const polls = [
      pollLine({ rows: 31, silent: 29, open: 2 }),
      pollLine(),
      pollLine({ ok: false, reason: 'unreachable' }),
      pollLine({ rows: 33, open: 0 }),
    ];

    expect(told(polls.map(logTap))).toEqual([
      'polled: clinic-riyadh answers (hamsa): 31 calls listed, 29 were over before and are only kept, 2 going on',
      'trouble: clinic-riyadh: unreachable; it will be tried again',
      'polled: clinic-riyadh answers (hamsa): 33 calls listed, 0 going on',
    ]);
  });

  it('gives a call one short id on all its lines, from the provider to the destination', () => {
    const about = { id: 'b5b4e6b8-0000-4000-8000-00000041c7d2' };
    const { happenings } = tallyOf([
      itemTap(stored(about)),
      eventTap(callEvent({}, about)),
      logTap(deliveryLine({ state: 'waiting' })),
      logTap(deliveryLine()),
      logTap(pollLine({ ok: false })),
    ]);

    expect(happenings.map(({ kind, call }) => [kind, call])).toEqual([
      ['seen', '41c7d2'],
      ['announced', '41c7d2'],
      ['waiting', '41c7d2'],
      ['told', '41c7d2'],
      ['trouble', undefined],
    ]);
  });

  it('names no agent where none is known', () => {
    const nobody = { agent: { id: null, name: null } };

    expect(told([itemTap(stored(nobody)), eventTap(callEvent({}, nobody))])).toEqual([
      'seen: completed at clinic-riyadh',
      'announced: call.completed',
    ]);
  });

  it('keeps the last version of each call, without its raw record', () => {
    const raw = { inline: '[1,2,3]' };
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
      'announced: call.failed · provider error · Support Agent',
      expect.stringMatching(/^announced: connection\.failing · clinic-riyadh · /),
    ]);
  });

  it('says of a transferred call that it counts as completed, and of an update what is new', () => {
    const transferred = callEvent({}, { status: 'transferred' });
    const updated = callEvent({ type: 'call.updated', changes: ['recordingUrl'] });

    expect(told([eventTap(transferred), eventTap(updated)])).toEqual([
      'announced: call.completed · transferred · Support Agent',
      'announced: call.updated · recording url · Support Agent',
    ]);
  });

  it('tells what a person reads at the destination, where that is known', () => {
    expect(told([logTap(deliveryLine())], READER)).toEqual(['told: Slack #ops: Call completed']);
    expect(told([logTap(deliveryLine())])).toEqual(['told: ops']);
  });

  it('calls a destination by one name, whatever there is to tell of it', () => {
    const failing = eventTap(deliveryEvent());
    const parked = logTap(deliveryLine({ state: 'parked', reason: 'channel_not_found' }));
    const waiting = logTap(deliveryLine({ state: 'waiting' }));
    const lines = told([waiting, parked, failing], READER);

    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toContain('Slack #');
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

    expect(line).toMatch(/^seen: completed at clinic-riyadh · Bad \[2J name x+…$/);
    expect(line.length).toBeLessThan(220);
  });

  it('does not cut a character in two', () => {
    const name = `${'x'.repeat(MAX_TEXT - 'completed at clinic-riyadh · '.length - 1)}🚀🚀`;
    const [line = ''] = told([itemTap(stored({ agent: { id: null, name } }))]);

    expect(line.isWellFormed()).toBe(true);
  });

  it('remembers the latest thousand happenings of a long run, and how many there were', () => {
    const tally = tallyOf(Array.from({ length: 1_500 }, () => logTap(deliveryLine())));

    expect([tally.happenings.length, tally.happened]).toEqual([1_000, 1_500]);
  });
});
