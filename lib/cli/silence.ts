import { userInfo } from 'node:os';
import * as z from 'zod';
import { loadConfig } from '../adapters/dynamo-control.ts';
import { dynamoSilences } from '../adapters/dynamo-silences.ts';
import { shown } from '../config/finding.ts';
import { destinationBaseSchema } from '../config/settings.ts';
import { destinations as kinds } from '../destinations/index.ts';
import { providers } from '../providers/index.ts';
import { reasonsOf } from '../routing/reasons.ts';
import { isInForce, type Silence, type SilenceStore } from '../routing/silence.ts';
import { silenceFrom } from '../routing/silence-request.ts';
import { DAY_MS, MINUTE_MS, parseDuration } from '../time.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import { locateConfiguredStores, locateStores, type Where, withLocated } from './locate.ts';
import { wantedInWords } from './route-words.ts';

export interface SilenceOptions extends Where {
  readonly when: readonly string[];
  readonly everything: boolean;
  readonly to: readonly string[];
  readonly for?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  readonly list: boolean;
  readonly end?: string | undefined;
  readonly json: boolean;
}

/** What a silence is about and where it is kept. */
interface Silencing {
  /** What the operator wrote under one heading. */
  configured(heading: 'connections' | 'destinations'): Promise<readonly unknown[]>;
  readonly silences: SilenceStore;
}

const MAX_DAYS = 90;

type Asked = Pick<SilenceOptions, 'when' | 'everything' | 'for' | 'comment'>;

/** What can be said to be wrong before anything is read. */
function checkAsked({ when, everything, for: duration, comment }: Asked) {
  if (when.length === 0 && !everything) {
    throw new UserError(
      'Say which events, such as --when "connection: clinic-riyadh", or --everything.',
    );
  }
  if (when.length > 0 && everything) throw new UserError('--when and --everything: only one.');
  if (!comment) throw new UserError('Say why, with --comment: others will wonder.');
  const forMs = duration === undefined ? undefined : parseDuration(duration);
  if (forMs === undefined || forMs < MINUTE_MS || forMs > MAX_DAYS * DAY_MS) {
    throw new UserError(`Say for how long, from 1m to ${MAX_DAYS}d, such as --for 2h.`);
  }
  return { forMs, comment };
}

/** The destinations that fall silent: those that are named, else all that alert people. */
async function recipientsOf(
  named: readonly string[],
  system: Pick<Silencing, 'configured'>,
): Promise<string[]> {
  const written = await system.configured('destinations');
  const all = destinationBaseSchema.array().parse(written);
  const unknown = named.filter((id) => all.every((each) => each.id !== id));
  if (unknown.length > 0) {
    const known = all.map(({ id }) => id).join(', ') || 'none';
    throw new UserError(
      `There is no destination ${unknown.map(shown).join(', ')}: known are ${known}.`,
    );
  }
  if (named.length > 0) return [...new Set(named)];
  const alerting = new Set(
    kinds.filter(({ audience }) => audience === 'people').map(({ kind }) => kind),
  );
  const people = all.filter(({ kind }) => alerting.has(kind)).map(({ id }) => id);
  if (people.length === 0) {
    throw new UserError('No destination alerts people: name one with --to.');
  }
  return people;
}

/** A silence as people read it. */
export function silenceLine({ id, when, to, author, comment, until }: Silence): string {
  const conditions = Object.entries(when).map(
    ([field, wanted]) => `${field} is ${wantedInWords(wanted)}`,
  );
  const events = conditions.length === 0 ? 'every event' : conditions.join(' and ');
  return `${id}  until ${until}: ${to.join(', ')} hear nothing where ${events}. ${author}: ${comment}`;
}

async function end(id: string, system: Silencing, json: boolean): Promise<number> {
  if (!(await system.silences.end(id, new Date()))) {
    throw new UserError(`There is no silence ${shown(id)}: callwire silence --list names them.`);
  }
  console.log(
    json ? JSON.stringify({ ended: id }) : `Ended ${id}: people are told again within a minute.`,
  );
  return EXIT.allIsWell;
}

async function list(system: Silencing, json: boolean): Promise<number> {
  const all = await system.silences.list();
  const silences = all.filter((each) => isInForce(each, new Date()));
  if (json) console.log(JSON.stringify({ silences }));
  else if (silences.length === 0) console.log('Nobody is silenced.');
  else for (const each of silences) console.log(silenceLine(each));
  return EXIT.allIsWell;
}

async function begin(options: SilenceOptions, system: Silencing): Promise<number> {
  const { forMs, comment } = checkAsked(options);
  const author = z.string().min(1).catch(userInfo().username).parse(options.author);
  const to = await recipientsOf(options.to, system);
  const reasons = reasonsOf(await system.configured('connections'), providers);
  const request = { when: options.when, to, forMs, author, comment };
  const silence = silenceFrom(request, reasons, new Date());
  await system.silences.put(silence);
  console.log(options.json ? JSON.stringify(silence) : silenceLine(silence));
  if (!options.json) {
    console.log(
      `What is silenced is still recorded, and is not told later. End it with: callwire silence --end ${silence.id}`,
    );
  }
  return EXIT.allIsWell;
}

/** Begins, lists or ends silences. Returns the exit status. */
export async function silence(options: SilenceOptions): Promise<number> {
  const { list: lists, end: ended, json } = options;
  if (!lists && ended === undefined) checkAsked(options);
  // Whom to silence is a matter of the configuration; who is silenced is not.
  const begins = !lists && ended === undefined;
  const locating = begins ? locateConfiguredStores(options) : locateStores(options);
  return withLocated(locating, async ({ tables, output }) => {
    const control = await output('ControlTableName');
    const system: Silencing = {
      configured: (heading) => loadConfig(tables, control, heading),
      silences: dynamoSilences(tables, control),
    };
    if (lists) return list(system, json);
    return ended === undefined ? begin(options, system) : end(ended, system, json);
  });
}
