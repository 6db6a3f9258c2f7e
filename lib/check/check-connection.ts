import { normalizeCall } from '../calls/normalize-call.ts';
import { shown } from '../config/finding.ts';
import type { ConnectionSettings } from '../config/settings.ts';
import { isOtherSide, type OtherSideError, TransientError } from '../errors.ts';
import type { HttpClient } from '../http.ts';
import { askerOf } from '../polling/ask-provider.ts';
import { LIST_TIMEOUT_MS } from '../polling/walk-list.ts';
import type { Page, Provider } from '../providers/provider.ts';
import { addMs, type Clock, DAY_MS, SECOND_MS } from '../time.ts';
import { type CheckFinding, ok, warning, wrong } from './check-finding.ts';
import { checkOrder, checkTimeFilter, type Window } from './check-list.ts';
import { howToReplace, type ReadSecret, resolveSecret } from './check-secret.ts';

export interface CheckConnectionDeps {
  readonly http: HttpClient;
  readonly now: Clock;
  readonly secret: ReadSecret;
}

/** Enough rows to see an order in, and no burden. */
const ROWS = 50;
const LOOK_BACK_MS = 30 * DAY_MS;

/** Looks at one connection as a poll would, with one request, and records nothing. */
export async function checkConnection(
  settings: ConnectionSettings,
  provider: Provider,
  deps: CheckConnectionDeps,
): Promise<CheckFinding[]> {
  const [ofList, ofWebhooks] = await Promise.all([
    checkList(settings, provider, deps),
    checkWebhookSecrets(settings, deps),
  ]);
  return [...ofList, ...ofWebhooks];
}

async function checkList(
  settings: ConnectionSettings,
  provider: Provider,
  deps: CheckConnectionDeps,
): Promise<CheckFinding[]> {
  const key = await resolveSecret('key', settings.key, deps.secret);
  if ('finding' in key) return [key.finding];

  const to = deps.now();
  const window = provider.list.window && { from: addMs(to, -LOOK_BACK_MS), to };
  const pageSize = Math.min(ROWS, provider.list.maxPageSize);
  const asker = askerOf(settings, provider, deps, { freshKey: false });
  let accepted: CheckFinding[] = [];
  try {
    const answer = await asker.ask(provider.list.request({ pageSize, window }), LIST_TIMEOUT_MS);
    accepted = [ok('key', `${provider.id} accepts ${settings.key}`)];
    const page = provider.list.read(answer.body, 0, undefined);
    return [...accepted, ...checkPage(page, window, settings, provider, deps.now())];
  } catch (error) {
    if (!isOtherSide(error)) throw error;
    return [...accepted, troubleOf(error, settings, provider)];
  }
}

/** What a request that failed says of the connection. */
function troubleOf(
  error: OtherSideError,
  { key, baseUrl }: ConnectionSettings,
  { id, docs }: Provider,
): CheckFinding {
  const where = baseUrl === undefined ? '' : ` Or correct the baseUrl of this connection.`;
  switch (error.reason) {
    case 'key_refused':
      return wrong('key', `${id} refuses ${key}`, howToReplace(key));
    case 'key_malformed': {
      const why = `${key} holds a character that no header may hold`;
      return wrong('key', why, howToReplace(key));
    }
    case 'rate_limited': {
      const waitMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
      const wait = waitMs > 0 ? ` in ${Math.ceil(waitMs / SECOND_MS)} s` : ' later';
      return warning('list', `${id} asks us to wait`, `Check again${wait}.`);
    }
    case 'unreachable':
      return wrong(
        'list',
        error.message,
        `Check the network here (name, proxy, firewall).${where}`,
      );
    case 'provider_error':
      return wrong('list', error.message, `The trouble is at ${id}: check again later.${where}`);
    case 'shape_changed': {
      const fix = `${id} answers otherwise than its pages say (${docs}): please report it.${where}`;
      return wrong('list', error.message, fix);
    }
    default:
      return wrong('list', error.message, `See what ${id} says of it: ${docs}.${where}`);
  }
}

function checkPage(
  page: Page,
  window: Window | undefined,
  settings: ConnectionSettings,
  provider: Provider,
  now: Date,
): CheckFinding[] {
  const facts = page.listed.map((listed) => listed.facts);
  const rejected = page.rejected[0];
  const why = `${page.rejected.length} of ${page.rows} cannot be read (${rejected?.field}: ${rejected?.rule})`;
  if (rejected !== undefined && facts.length === 0) {
    const fix = `${provider.id} sends records otherwise than its pages say (${provider.list.docs}): please report it.`;
    return [wrong('record', why, fix)];
  }
  if (facts.length === 0) {
    const none = `a page of the list was read; it has no calls${window ? ' of the last 30 days' : ''}`;
    return [ok('list', none)];
  }
  const odd = 'They are set aside and announced as provider.drifted: please report them.';
  return [
    ok('list', `a page of the list was read: ${page.rows} calls`),
    ...(rejected === undefined ? [] : [warning('records', why, odd)]),
    ...checkRecords(page, settings, provider),
    checkOrder(facts, provider, now),
    checkTimeFilter(facts, provider, window, now),
  ];
}

/** One call as it would be recorded, and the words that nobody has met. */
function checkRecords(
  { listed }: Page,
  settings: ConnectionSettings,
  provider: Provider,
): CheckFinding[] {
  const calls = listed.map(({ facts }) => normalizeCall(facts, provider, settings));
  const unknown = calls.filter(({ status }) => status === 'unknown');
  const words = [...new Set(unknown.map(({ providerStatus }) => shown(providerStatus)))];
  const sample = calls.find(({ status }) => status !== 'unknown') ?? calls[0];
  const { id, status, outcome, reason } = sample ?? {};
  const because = reason ? ` (${reason})` : '';
  return [
    ok('record', `call ${shown(id)} has the status ${status}, outcome ${outcome}${because}`),
    ...(words.length === 0
      ? []
      : [
          warning(
            'status',
            `nobody has met the status ${words.slice(0, 5).join(', ')}`,
            `Say what it means: statusOverrides: { ${words[0]}: completed }, or failed.`,
          ),
        ]),
  ];
}

async function checkWebhookSecrets(
  { webhook }: ConnectionSettings,
  { secret }: CheckConnectionDeps,
): Promise<CheckFinding[]> {
  const resolved = await Promise.all(
    (webhook?.secrets ?? []).map(async (reference) => {
      const found = await resolveSecret('webhook', reference, secret);
      return 'finding' in found ? found.finding : ok('webhook', `${reference} has a value`);
    }),
  );
  return resolved;
}
