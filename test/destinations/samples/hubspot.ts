import { externalId } from '../../../lib/calls/external-id.ts';
import { failedCall } from '../../delivery/events.ts';
import type { Sample } from '../sample.ts';

export const sample: Sample = {
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
};
