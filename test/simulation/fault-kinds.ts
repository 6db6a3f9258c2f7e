/** In what order a list comes, where its page does not say, or is wrong. */
const ORDERS = ['order: oldest first', 'order: shuffled', 'order: another field'] as const;

/** What can be odd about a provider for the whole of a seed. */
const HABITS = [
  ...ORDERS,
  'pages: small',
  'ties: another order at each read',
  'count: missing',
  'count: too high',
  'clock: ahead',
  'clock: behind',
  'links: signed anew at each read',
  'list: long history',
  'provider: slow',
] as const;

/** What can be odd about a call. */
const CALLS = [
  'call: listed late',
  'call: listed hours late',
  'call: listed only when final',
  'call: same time as another',
  'call: without a time',
  'call: with a time to come',
  'call: malformed, with an id',
  'call: malformed, without an id',
  'call: malformed for a while',
  'call: unknown word while open',
  'call: unknown word at the end',
  'call: word flips',
  'call: outcome corrected',
  'call: late summary',
  'call: late recording',
  'call: in a burst',
  'call: open for hours',
  'call: one of many open',
  'call: open for too long',
  'call: open at the baseline',
  'call: deleted when final',
  'call: deleted while open',
] as const;

/** What can become of one request. */
const ANSWERS = [
  'answer: 429',
  'answer: 429 with seconds',
  'answer: 429 with a date',
  'answer: 500',
  'answer: 502',
  'answer: 503 with seconds',
  'answer: none in time',
  'answer: hangs up',
  'answer: HTML',
  'answer: truncated JSON',
  'answer: wrong envelope',
  'answer: says no inside a 200',
  'answer: computed earlier',
  'list: row comes between pages',
  'list: row goes between pages',
  'list: cursor ignored',
  'list: capped silently',
  'list: count too low',
  'detail: 404',
  'detail: 500',
  'detail: too slow',
  'detail: older than the list',
] as const;

/** What lasts for a while. */
const EPISODES = ['outage of six hours', 'key refused for a while'] as const;

/** What happens to our own side. */
const OURS = [
  'process: poll dies',
  'process: dispatch dies',
  'process: sweep dies',
  'process: publish dies',
  'process: republish dies',
  'tick: delayed',
  'tick: duplicated',
  'tick: expired',
  'schedule: minute twice',
  'schedule: minute skipped',
  'queue: takes ticks and fails',
  'polls: overlap',
  'sweep: message delayed',
  'sweep: message twice',
  'sweep: beside a poll',
  'sweeps: overlap',
  'redeploy: other interval',
  'redeploy: a word gets a meaning',
  'redeploy: everything running ends',
  'store: fails before it commits',
  'store: fails after it committed',
  'store: commits and says conflict',
  'store: stale read',
  'store: stale read of calls',
  'stream: batch delivered twice',
  'stream: keys overtake each other',
  'stream: batch bisected',
  'stream: batch given up',
  'bus: takes some',
  'bus: takes none and fails',
  'bus: takes all and fails',
  'webhook: early',
  'webhook: late',
  'webhook: twice',
] as const;

/** Everything that can go wrong. A kind counts as hit by a seed only where it really took effect. */
export const FAULT_KINDS = [...HABITS, ...CALLS, ...ANSWERS, ...EPISODES, ...OURS] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
