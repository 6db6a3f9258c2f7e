import { externalId } from '../../lib/calls/external-id.ts';
import { failedCall } from '../delivery/events.ts';

/** What the contract suite has to know of each kind of destination to make a request to it. */
export interface Sample {
  /** Valid settings, without `baseUrl`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The body of an answer with which the vendor accepts a delivery. */
  readonly accepted: unknown;
  /** Bodies with status 200 with which the vendor refuses one for good; empty: it refuses by status only. */
  readonly refused: readonly unknown[];
  /** What the first request carries of `failedCall()` for its receiver to tell repeats by; default: the event's id. */
  readonly identity?: string;
  /** Statuses, besides those of every vendor, with which this one asks to come back later. */
  readonly transient?: readonly number[];
  /** Path and answer of the login that comes before, where there is one. */
  readonly login?: readonly [path: string, answer: unknown];
  /** A value of its secrets, where they must have a form of their own. */
  readonly secret?: string;
}

export const samples: Readonly<Record<string, Sample>> = {
  slack: {
    settings: { id: 'ops', kind: 'slack', token: 'env:SLACK_BOT_TOKEN', channel: '#voice-ops' },
    accepted: { ok: true, channel: 'C0123456789', ts: '1795168725.000100' },
    refused: [
      { ok: false, error: 'channel_not_found' },
      { ok: false, error: 'invalid_auth' },
    ],
  },
  webhook: {
    settings: {
      id: 'hook',
      kind: 'webhook',
      url: 'https://example.com/hook',
      secret: 'env:HOOK_SECRET',
      allowLoopback: true,
    },
    accepted: {},
    refused: [],
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  },
  hubspot: {
    settings: { id: 'crm', kind: 'hubspot', token: 'env:HUBSPOT_TOKEN' },
    accepted: {
      id: '501',
      properties: {},
      status: 'COMPLETE',
      results: [{ id: '501', properties: {} }],
    },
    refused: [],
    identity: externalId(failedCall().call),
    transient: [423, 477],
  },
  salesforce: {
    settings: {
      id: 'crm',
      kind: 'salesforce',
      url: 'https://acme.my.salesforce.com',
      clientId: '3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC',
      clientSecret: 'env:SALESFORCE_SECRET',
    },
    accepted: {
      totalSize: 0,
      done: true,
      records: [],
      id: '00T000000000001AAA',
      success: true,
      errors: [],
    },
    refused: [],
    identity: externalId(failedCall().call),
    login: ['/api/services/oauth2/token', { access_token: '00D!token' }],
  },
};
