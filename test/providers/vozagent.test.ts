import { describe, expect, it } from 'vitest';
import { normalizeCall } from '../../lib/calls/normalize-call.ts';
import { connectionSchema } from '../../lib/config/settings.ts';
import type { HttpClient } from '../../lib/http.ts';
import { isListed } from '../../lib/providers/provider.ts';
import { vozagent } from '../../lib/providers/vozagent/index.ts';
import { pollWorld } from '../support/poll-world.ts';

const connection = (written: Record<string, unknown> = {}) =>
  connectionSchema.parse({ id: 'sales', provider: 'vozagent', key: 'env:KEY', ...written });

const row = { id: 'call-1', call_status: 'completed' };

function readDetail(facts: Record<string, unknown>) {
  const record = vozagent.detail?.read({ ...row, ...facts });
  if (!record || !isListed(record)) throw new Error('rejected');
  return normalizeCall(record.facts, vozagent, connection({ phoneRegion: 'SA' }));
}

describe('a request to VozAgent', () => {
  it('carries the key as a Bearer token', () => {
    expect(vozagent.authorize('key-1')).toEqual({ authorization: 'Bearer key-1' });
  });

  it('asks for a hundred from an offset, and never for a time', () => {
    const window = { from: new Date(0), to: new Date() };
    const { maxPageSize: pageSize } = vozagent.list;

    expect(vozagent.list.request({ cursor: 200, pageSize, window })).toEqual({
      path: '/v1/calls',
      query: [
        ['limit', '100'],
        ['offset', '200'],
      ],
    });
    expect(vozagent.list.request({ pageSize }).query).toContainEqual(['offset', '0']);
    expect(vozagent.list.window).toBeUndefined();
  });
});

it('VozAgent’s list is a bare array that goes on at the offset of all rows seen, until a short page', () => {
  const page = (length: number) => Array.from({ length }, () => row);

  expect(vozagent.list.read(page(100), 0, undefined).next).toBe(100);
  expect(vozagent.list.read(page(100), 100, 100).next).toBe(200);
  expect(vozagent.list.read(page(99), 200, 200).next).toBeUndefined();
  expect(vozagent.list.read([], 200, 200)).toMatchObject({ rows: 0, next: undefined });
});

describe('a VozAgent call', () => {
  it('has its numbers by role, and by direction where that is known', () => {
    const numbers = { customer_phone_number: '0551234561', assistant_phone_number: '+16592225145' };
    const [customer, assistant] = ['+966551234561', '+16592225145'];
    const roles = { contactNumber: customer, agentNumber: assistant };

    expect(readDetail({ call_type: 'inbound', ...numbers })).toMatchObject({
      ...roles,
      from: customer,
      to: assistant,
    });
    expect(readDetail({ call_type: 'outbound', ...numbers })).toMatchObject({
      ...roles,
      from: assistant,
      to: customer,
    });
    expect(readDetail({ call_type: 'web', ...numbers })).toMatchObject({
      ...roles,
      direction: null,
      from: null,
      to: null,
    });
  });

  it('never carries its transcript', () => {
    expect(JSON.stringify(readDetail({ transcript: 'Assistant: hello' }))).not.toContain('hello');
  });

  it.each([
    ['voicemail', '2025-11-29T13:00:00Z', 'completed'],
    ['voicemail', null, 'open'],
  ])('with the unheard-of word %s and the end %s is %s', (call_status, call_ended_at, outcome) => {
    expect(readDetail({ call_status, call_ended_at })).toMatchObject({
      outcome,
      status: 'unknown',
    });
  });

  it('is awaited while a completed one lacks recording or summary', () => {
    const full = readDetail({ recording_url: 'https://a.example/1', analysis_summary: 'hi' });
    const awaits = vozagent.detail?.awaits ?? (() => undefined);

    expect(awaits(full)).toBe(false);
    expect(awaits({ ...full, summary: null })).toBe(true);
    expect(awaits({ ...full, recordingUrl: null })).toBe(true);
    expect(awaits({ ...full, recordingUrl: null, outcome: 'failed' })).toBe(false);
  });
});

it('a VozAgent call is announced with the numbers that only its detail has', async () => {
  const world = pollWorld({ provider: 'vozagent' }, { provider: vozagent });
  const facts = { ...row, call_type: 'inbound', call_ended_at: world.ago(5) };
  const http: HttpClient = async ({ url }) => ({
    body:
      url.pathname === '/v1/calls' ? [facts] : { ...facts, customer_phone_number: '+15551234567' },
    requestedAt: world.now(),
    receivedAt: world.now(),
  });
  await world.poll({ http });

  expect(world.announced()).toMatchObject([
    { type: 'call.completed', call: { id: 'call-1', contactNumber: '+15551234567' } },
  ]);
});
