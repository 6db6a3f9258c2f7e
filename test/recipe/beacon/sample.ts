import type { Sample } from '../../destinations/sample.ts';

export const sample: Sample = {
  settings: { id: 'board', kind: 'beacon', token: 'env:BEACON_TOKEN', board: 'calls' },
  accepted: {},
  refused: [],
};
