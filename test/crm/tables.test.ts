import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { callStatusSchema, outcomeSchema } from '../../lib/calls/call.ts';
import { ownerOf, ownersSchema } from '../../lib/crm/owners.ts';
import { type StatusTable, wordFor } from '../../lib/crm/status-table.ts';
import { call } from '../delivery/events.ts';

const table: StatusTable<string> = {
  queued: 'q',
  ringing: 'r',
  in_progress: 'i',
  completed: 'c',
  transferred: 't',
  no_answer: 'n',
  busy: 'b',
  canceled: 'x',
  failed: 'f',
};

describe('the word for a call', () => {
  it('is there for whatever became of it', () => {
    for (const status of callStatusSchema.options) {
      for (const outcome of outcomeSchema.options) {
        expect(wordFor({ status, outcome }, table, {}), `${status} ${outcome}`).toMatch(/^\w$/);
      }
    }
  });

  it('goes by the outcome where nobody knows the status', () => {
    const word = (outcome: 'completed' | 'failed') =>
      wordFor({ status: 'unknown', outcome }, table, {});

    expect([word('completed'), word('failed')]).toEqual(['c', 'f']);
  });

  it('is the one of the settings where they have one, also an empty one', () => {
    expect(wordFor(call({ status: 'busy' }), table, { busy: 'own' })).toBe('own');
    expect(wordFor(call({ status: 'busy' }), table, { busy: '' })).toBe('');
    expect(wordFor(call({ status: 'unknown' }), table, { unknown: 'own' })).toBe('own');
    expect(wordFor(call({ status: 'unknown' }), table, { completed: 'own' })).toBe('own');
  });
});

describe('the owner of a call', () => {
  const owners = ownersSchema(z.string()).parse({
    agents: { 'agent-1': 'by id', 'Support Agent': 'by name' },
    connections: { 'clinic-riyadh': 'by connection' },
    default: 'default',
  });

  it('is that of its agent, by id before name, else of its connection, else the default', () => {
    const agent = (id: string | null, name: string | null) => call({ agent: { id, name } });

    expect(ownerOf(agent('agent-1', 'Support Agent'), owners)).toBe('by id');
    expect(ownerOf(agent('agent-2', 'support AGENT'), owners)).toBe('by name');
    expect(ownerOf(agent('agent-2', null), owners)).toBe('by connection');
    expect(ownerOf(call({ connection: 'other', agent: { id: null, name: null } }), owners)).toBe(
      'default',
    );
  });

  it('is nobody where nothing is written', () => {
    expect(ownerOf(call(), ownersSchema(z.string()).parse({}))).toBeUndefined();
  });
});
