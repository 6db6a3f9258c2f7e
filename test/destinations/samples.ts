/** What the contract suite has to know of each kind of destination to make a request to it. */
export interface Sample {
  /** Valid settings, without `baseUrl`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The body of an answer with which the vendor accepts a delivery. */
  readonly accepted: unknown;
  /** Bodies with status 200 with which the vendor refuses one for good. */
  readonly refused: readonly unknown[];
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
};
