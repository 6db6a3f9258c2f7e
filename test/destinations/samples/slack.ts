import type { Sample } from '../sample.ts';

export const sample: Sample = {
  settings: { id: 'ops', kind: 'slack', token: 'env:SLACK_BOT_TOKEN', channel: '#voice-ops' },
  accepted: { ok: true, channel: 'C0123456789', ts: '1795168725.000100' },
  refused: [
    { ok: false, error: 'channel_not_found' },
    { ok: false, error: 'invalid_auth' },
  ],
};
