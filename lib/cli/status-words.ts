import type { Lost } from '../proof/coverage.ts';
import type { ConnectionStatus, JobStatus } from '../records/connection-status.ts';
import type { DestinationStatus } from '../records/destination-status.ts';
import type { Status } from '../records/status.ts';
import { inWords as lengthInWords } from './backfill-report.ts';
import { silenceLine } from './silence.ts';
import { tableLines } from './table.ts';
import { inWords } from './telling.ts';

const since = (at: string | null, now: number): string =>
  at === null ? '' : `${lengthInWords(Math.max(0, now - Date.parse(at)))}`;

const ago = (at: string | null, now: number): string =>
  at === null ? '' : `${since(at, now)} ago`;

/** So many of something; nothing where there is none. */
const some = (count: number, what: string): string[] => (count > 0 ? [`${count} ${what}`] : []);

function healthOf({ health, failure, driftedSince }: ConnectionStatus, now: number): string {
  if (failure) return `FAILING ${since(failure.since, now)}: ${inWords(failure.reason)}`;
  if (driftedSince) return `drifted ${since(driftedSince, now)}`;
  return health.replaceAll('-', ' ');
}

function listOf({ timeFilter, order }: ConnectionStatus): string {
  if (timeFilter) return 'by time';
  if (!order) return 'order unknown';
  return order.direction === 'none' ? 'in no order' : order.direction.replaceAll('-', ' ');
}

function paceOf({ pace, health }: ConnectionStatus): string {
  if (!pace || health === 'removed') return '';
  const budget = pace.budgetMs > 0 ? `, ${lengthInWords(pace.budgetMs)} for its budget` : '';
  return `${lengthInWords(pace.waitMs)}${budget}`;
}

const delayOf = ({ pace, health }: ConnectionStatus): string =>
  pace && health === 'well' ? `about ${lengthInWords(pace.expectedDelayMs)}` : '';

function jobOf(job: JobStatus | null, now: number): string {
  if (!job) return '';
  const { state, savedAt, listed, missedFinal, missedChange } = job;
  const missed = missedFinal + missedChange;
  const when = state === 'done' ? ago(savedAt, now) : state;
  return `${when}: ${listed} listed${missed > 0 ? `, ${missed} MISSED` : ''}`;
}

/** What the last sweep found of calls that are listed. */
function provenOf({ coverage }: ConnectionStatus, now: number): string {
  if (!coverage) return '';
  const { listed, unproven, endedAt, proof } = coverage;
  const parts = [
    ...some(proof.lost, 'LOST'),
    ...some(proof.waiting, 'wait'),
    ...some(unproven, 'parts unread'),
    ...(proof.isPartial ? ['some not looked at'] : []),
  ];
  return `${ago(endedAt, now)}: ${parts.join(', ') || `all ${listed}`}`;
}

const HOP_WORDS = {
  stored: 'is listed and not recorded',
  announced: 'was not announced',
  delivered: 'was not told',
} as const satisfies Record<Lost['hop'], string>;

function lostLine({ connection, call, hop, destinations = [] }: Lost): string {
  const whom = destinations.length > 0 ? ` to ${destinations.join(', ')}` : '';
  return `${connection}/${call} ${HOP_WORDS[hop]}${whom}: callwire trace ${connection}/${call}`;
}

/** Which calls the last sweeps found lost, and how many more. */
function lostLines(connections: readonly ConnectionStatus[]): string[] {
  return connections.flatMap(({ id, coverage }) => {
    if (!coverage) return [];
    const { lost, names } = coverage.proof;
    return [...names.map(lostLine), ...some(lost - names.length, `more of ${id}`)];
  });
}

function webhooksOf({ webhooks }: ConnectionStatus): string {
  if (!webhooks) return '';
  const { of, first, lateMs } = webhooks;
  if (of === 0) return 'no call yet';
  const share = (count: number) => `${Math.round((100 * count) / of)} %`;
  const late = lateMs ? `, p50 ${lengthInWords(lateMs.p50)} after the end` : '';
  return `first by webhook ${share(first.webhook)}, hint ${share(first.hint)}, poll ${share(first.poll + first.sweep)}${late}`;
}

const asideOf = ({ quarantined, unattributed }: ConnectionStatus): string =>
  [...some(quarantined, 'records'), ...some(unattributed, 'webhooks')].join(', ');

const CONNECTIONS = [
  ...['CONNECTION', 'PROVIDER', 'HEALTH', 'CHANGED', 'OPEN', 'TODAY', 'LIST', 'POLLED EVERY'],
  ...['DELAY', 'DAILY SWEEP', 'WEEKLY SWEEP', 'PROVEN', 'WEBHOOKS', 'SET ASIDE'],
];

const connectionRow = (status: ConnectionStatus, now: number): string[] => [
  status.id,
  status.provider ?? '',
  healthOf(status, now),
  ago(status.lastChangeAt, now),
  `${status.openCalls}${status.hasMoreOpen ? '+' : ''}`,
  String(status.callsToday),
  status.provider === null ? '' : listOf(status),
  paceOf(status),
  delayOf(status),
  jobOf(status.daily, now),
  jobOf(status.weekly, now),
  provenOf(status, now),
  webhooksOf(status),
  asideOf(status),
];

const DESTINATIONS = ['DESTINATION', 'KIND', 'BREAKER', 'DELIVERIES', 'FIRST FOR'];

function destinationRow(status: DestinationStatus, now: number): string[] {
  const { open, waiting, parked, failed, uncertain } = status;
  const counts = [
    ...some(waiting, 'waiting'),
    ...some(parked, 'parked'),
    ...some(failed, 'failed'),
    ...some(uncertain, 'uncertain'),
  ];
  return [
    status.id,
    status.kind,
    open ? `OPEN ${since(open.since, now)}: ${inWords(open.reason)}` : 'closed',
    counts.join(', ') || 'none open',
    since(status.since, now),
  ];
}

/** How everything is, for people. */
export function statusLines({ at, connections, destinations, silences, ok }: Status): string[] {
  const now = Date.parse(at);
  const fixes = destinations.flatMap(({ id, open }) => (open?.fix ? [`${id}: ${open.fix}`] : []));
  return [
    ...(connections.length === 0
      ? ['There are no connections.']
      : tableLines(
          CONNECTIONS,
          connections.map((each) => connectionRow(each, now)),
        )),
    ...lostLines(connections),
    '',
    ...(destinations.length === 0
      ? ['There are no destinations.']
      : tableLines(
          DESTINATIONS,
          destinations.map((each) => destinationRow(each, now)),
        )),
    ...fixes,
    ...(silences.length > 0 ? ['', 'Silenced:', ...silences.map(silenceLine)] : []),
    '',
    ok
      ? 'All is well.'
      : 'Something needs a look: callwire attention says what to do about deliveries.',
  ];
}
