import type { Sample } from '../sample.ts';

export const sample: Sample = {
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
};
