import { externalId } from '../../../lib/calls/external-id.ts';
import { failedCall } from '../../delivery/events.ts';
import type { Sample } from '../sample.ts';

export const sample: Sample = {
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
};
