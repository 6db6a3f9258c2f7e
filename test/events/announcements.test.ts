import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import {
  nextVersion,
  type Observation,
  type StoredCall,
  staleVersion,
  type VersionPolicy,
} from '../../lib/calls/version.ts';
import {
  allAnnouncements,
  announcements,
  MAX_EVENT_BYTES,
} from '../../lib/events/announcements.ts';
import { type CallEvent, eventSchema } from '../../lib/events/event.ts';
import { hamsa } from '../../lib/providers/hamsa/index.ts';
import { connection, FAILED, look, NOW, OPEN, policy, STALE } from '../support/calls.ts';

/** What these looks announce, in order, and the call that they leave. */
function announce(looks: readonly Observation[], rules: VersionPolicy = policy()) {
  const events: CallEvent[] = [];
  let stored: StoredCall | undefined;
  for (const seen of looks) {
    const next = nextVersion(stored, seen, rules);
    if (next) events.push(...announcements(stored, next));
    stored = next ?? stored;
  }
  if (!stored) throw new Error('Nothing was looked at');
  return { events, stored };
}

const told = ({ events }: { events: readonly CallEvent[] }) => events.map(({ type }) => type);

describe('what a call announces', () => {
  it('is nothing while it is open, and its outcome once', () => {
    expect(told(announce([look(0, OPEN), look(1, OPEN), look(2), look(3)]))).toEqual([
      'call.completed',
    ]);
  });

  it('is an update, with the fields, when it changes after its end', () => {
    const { events } = announce([look(0), look(1, { summary: 'A' })]);

    expect(events[1]).toMatchObject({ type: 'call.updated', revision: 2, changes: ['summary'] });
  });

  it('is the other outcome once, as a correction; further flips are updates', () => {
    const { events } = announce([look(0, FAILED), look(1), look(2, FAILED), look(3)]);

    expect(told({ events })).toEqual([
      'call.failed',
      'call.completed',
      'call.updated',
      'call.updated',
    ]);
    expect(events.map(({ corrects }) => corrects)).toEqual([null, events[0]?.id, null, null]);
  });

  it('is nothing at all when it is silent', () => {
    const rules = policy({ baselineAt: NOW.toISOString() });
    const { events, stored } = announce([look(0), look(1, FAILED)], rules);

    expect([...events, ...allAnnouncements(stored)]).toEqual([]);
  });

  it('is that it is stale, once, and its end all the same', () => {
    const { stored } = announce([look(0, OPEN)]);
    const stale = staleVersion(stored, STALE);
    if (!stale) throw new Error('an open call can become stale');
    const end = nextVersion(stale, look(1), policy());

    expect(told({ events: announcements(stored, stale) })).toEqual(['call.stale']);
    expect(end && told({ events: announcements(stale, end) })).toEqual(['call.completed']);
    expect(end && told({ events: allAnnouncements(end) })).toEqual([
      'call.stale',
      'call.completed',
    ]);
  });

  it('says what is withheld to nobody', () => {
    const private_ = {
      summary: 'Knee pain',
      from: '+966551234567',
      contactNumber: '+966551234567',
      contactId: 'p-1',
      recordingUrl: 'https://a.example/secret',
      transcriptUrl: 'https://a.example/secret',
      attributes: { patientName: 'Aisha', category: 'booking' },
    };
    const withheld = ['summary', 'numbers', 'recording', 'transcript', 'patient'];
    const { events } = announce([look(0, private_)], policy({ withheld }));

    expect(JSON.stringify(events)).not.toMatch(/Knee|966551234567|p-1|secret|Aisha/);
    expect(events[0]?.call.attributes).toEqual({ category: 'booking' });
  });
});

describe('ids of announcements', () => {
  it('are made of the fact alone', () => {
    const late = announce([look(0, OPEN), look(50, FAILED)]).events;
    const soon = announce([look(1, FAILED)]).events;

    expect(late[0]?.id).toBe(soon[0]?.id);
    // Written down, because it has to be the same for ever.
    expect(soon[0]?.id).toBe('_AHnZyy7sZjyavIxKuevq8');
  });

  it('differ between connections and calls that are named alike', () => {
    const id = (facts: { connection?: string; id?: string }) =>
      announce([look(0, facts)]).events[0]?.id;

    expect(id({ connection: 'a', id: 'b-c' })).not.toBe(id({ connection: 'a-b', id: 'c' }));
  });
});

const words = fc.constantFrom(
  OPEN,
  { outcome: 'completed', status: 'completed', reason: null } as const,
  FAILED,
);
const history = fc
  .array(fc.record({ word: words, summary: fc.constantFrom(null, 'a', 'b') }), {
    minLength: 1,
    maxLength: 10,
  })
  .map((seen) => seen.map(({ word, summary }, second) => look(second, { ...word, summary })));

describe('whatever happens to a call', () => {
  it('each outcome is announced at most once, and no id is used twice', () => {
    fc.assert(
      fc.property(history, (looks) => {
        const { events } = announce(looks);
        const outcomes = told({ events }).filter((type) => type !== 'call.updated');

        expect(new Set(outcomes).size).toBe(outcomes.length);
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      }),
    );
  });

  it('announcing again covers the outcome that stands and the last update, under the same ids', () => {
    fc.assert(
      fc.property(history, (looks) => {
        const { events, stored } = announce(looks);
        const again = allAnnouncements(stored).map(({ id }) => id);
        const owed = events.filter(
          ({ type, revision }) =>
            type === `call.${stored.call.outcome}` ||
            (type === 'call.updated' && revision === stored.revision),
        );

        expect(again.toSorted()).toEqual(owed.map(({ id }) => id).toSorted());
      }),
    );
  });

  it('every event keeps the public contract', () => {
    fc.assert(
      fc.property(history, (looks) => {
        const { events, stored } = announce(looks);
        for (const event of [...events, ...allAnnouncements(stored)]) eventSchema.parse(event);
      }),
    );
  });
});

describe('the size of an event', () => {
  const arabic = 'مرحبا بكم في العيادة ';
  it.each<[string, Parameters<typeof normalizeCall>[0]]>([
    [
      'a summary of 300 KB',
      { id: 'x', providerStatus: 'COMPLETED', summary: arabic.repeat(8_000) },
    ],
    [
      'an attribute of 300 KB',
      { id: 'x', providerStatus: 'COMPLETED', attributes: { a: 'x'.repeat(300_000) } },
    ],
    [
      '40 KB of attributes',
      {
        id: 'x',
        providerStatus: 'COMPLETED',
        attributes: Object.fromEntries(
          Array.from({ length: 20 }, (_, at) => [`a${at}`, 'x'.repeat(2_000)]),
        ),
      },
    ],
    [
      'links and a summary that JSON must escape',
      {
        id: 'x',
        providerStatus: 'COMPLETED',
        summary: '\u0001'.repeat(300_000),
        agentName: '\u0001'.repeat(300_000),
        recordingUrl: `https://a.example/${'ع'.repeat(2_000)}`,
        transcriptUrl: `https://a.example/${'漢'.repeat(2_000)}`,
      },
    ],
  ])('is under 20 KB for %s', (_what, facts) => {
    const call = normalizeCall(facts, hamsa, connection());
    const [event] = announce([{ ...look(0), call }]).events;

    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(MAX_EVENT_BYTES);
    expect(eventSchema.parse(event)).toEqual(event);
  });
});
