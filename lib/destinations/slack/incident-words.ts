import type { CallEvent, Event } from '../../events/event.ts';
import type { IncidentStanding } from '../destination.ts';
import { idWithin, linkTarget, quoteWithin } from './text.ts';
import {
  because,
  humanDuration,
  ID,
  joined,
  NAME,
  type Numbers,
  noticeOf,
  numberOf,
  timeOf,
  UNNAMED,
} from './words.ts';

/** How much is said of each of many events; the last is its name alone. */
export const DETAILS = ['everything', 'who', 'name'] as const;
export type Detail = (typeof DETAILS)[number];

const clock = (instant: string): string =>
  `<!date^${Math.floor(Date.parse(instant) / 1000)}^{time}|${instant.slice(11, 16)} UTC>`;

function callLine(event: CallEvent, detail: Detail, numbers: Numbers): string {
  const { call } = event;
  const name = idWithin(call.id, ID) ?? UNNAMED;
  if (detail === 'name') return name;
  const agent = quoteWithin(call.agent.name, NAME);
  const who = [agent, numberOf(call, numbers)];
  const url = detail === 'everything' ? linkTarget(call.url) : undefined;
  const shown = url === undefined ? name : `<${url}|${name}>`;
  const when = detail === 'everything' ? clock(timeOf(event)) : undefined;
  return [when, shown, ...who].filter((part) => part !== undefined).join(' · ');
}

/** One event among many, in a line. */
export const lineOf = (event: Event, detail: Detail, numbers: Numbers): string =>
  'call' in event
    ? callLine(event, detail, numbers)
    : joined(noticeOf(event, numbers).headline, clock(event.occurredAt));

const calls = (count: number): string => `${count} call${count === 1 ? '' : 's'}`;

/** What all events of an incident have in common. */
const cause = ({ call }: CallEvent): string =>
  joined(because(call.reason), quoteWithin(call.connection, NAME));

const lasted = ({ opener, lastAt }: IncidentStanding): string =>
  humanDuration(Math.max(0, Date.parse(lastAt) - Date.parse(opener.occurredAt)));

/** What a message about all of it begins with. */
export function standingHeadline(standing: IncidentStanding, numbers: Numbers): string {
  const { opener, count, endedAt } = standing;
  if ('call' in opener) {
    const what = `${calls(count)} failed${cause(opener)}`;
    return endedAt === undefined ? `❌ ${what}` : `✅ Over: ${what}`;
  }
  const { headline } = noticeOf(opener, numbers);
  return endedAt === undefined ? headline : `✅ Over: ${headline}`;
}

/** What a message about what is new begins with. */
export function replyHeadline(
  events: readonly Event[],
  standing: IncidentStanding,
  numbers: Numbers,
): string {
  const { opener, count } = standing;
  const last = events.at(-1);
  if (last === undefined) {
    const what = 'call' in opener ? `${calls(count)} failed` : 'it went on';
    const why = 'call' in opener ? cause(opener) : '';
    return `🟢 Recovered: ${what} over ${lasted(standing)}${why}`;
  }
  if (!('call' in last)) return noticeOf(last, numbers).headline;
  return events.length === 1
    ? `❌ Another call failed${cause(last)}`
    : `❌ ${events.length} more calls failed${cause(last)}`;
}

/** How long an incident was, and what is known of its end. */
export const lengthOf = (standing: IncidentStanding): string | undefined =>
  standing.endedAt === undefined ? undefined : lasted(standing);
