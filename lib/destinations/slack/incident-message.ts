import type { Event } from '../../events/event.ts';
import type { IncidentStanding } from '../destination.ts';
import {
  DETAILS,
  type Detail,
  lengthOf,
  lineOf,
  replyHeadline,
  standingHeadline,
} from './incident-words.ts';
import { type Block, type Ladder, mrkdwn, plainText, renderMessages, section } from './message.ts';
import { type Numbers, noticeOf, present, when } from './words.ts';

/**
 * What the names of all events may take together. A section has 3,000 characters and a message about
 * 13,000, of which some were refused at 11,300 (see `message.ts`).
 */
const ALL_LINES = 8_500;
const SECTION = 2_900;

/** Lines as few sections as they fit into, none of them cut. */
function sectionsOf(lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last === undefined || last.length + 1 + line.length > SECTION) texts.push(line);
    else texts[texts.length - 1] = `${last}\n${line}`;
  }
  return texts.map(section);
}

/** Each event in a line, with as much beside its name as there is room for beside all names. */
function namesOf(events: readonly Event[], numbers: Numbers): readonly string[] {
  const inDetail = (detail: Detail) => events.map((event) => `• ${lineOf(event, detail, numbers)}`);
  const fits = (lines: readonly string[]) =>
    lines.every((line) => line.length <= SECTION) && lines.join('\n').length <= ALL_LINES;
  return DETAILS.map(inDetail).find(fits) ?? inDetail('name');
}

const contextOf = ({ opener }: IncidentStanding, numbers: Numbers): Block => ({
  type: 'context',
  elements: [mrkdwn(noticeOf(opener, numbers).context.join(' · '))],
});

/** What is new in an incident. All of at most `MOST_IN_A_MESSAGE` events are named, in each form. */
export function renderReply(
  events: readonly Event[],
  standing: IncidentStanding,
  numbers: Numbers,
): Ladder {
  const [event, ...others] = events;
  if (event !== undefined && others.length === 0 && !('call' in event)) {
    return renderMessages(event, numbers);
  }
  const text = replyHeadline(events, standing, numbers);
  const bare = events.map((each) => `• ${lineOf(each, 'name', numbers)}`);
  const heading = section(`*${text}*`);
  return [
    { text, blocks: [heading, ...sectionsOf(namesOf(events, numbers))] },
    { text, blocks: [heading, ...sectionsOf(bare)] },
    { text: [text, ...bare].join('\n') },
  ];
}

/** The first message of an incident, as it reads later. Its first event stays named in it. */
export function renderStanding(standing: IncidentStanding, numbers: Numbers): Ladder {
  const { opener, count, lastAt } = standing;
  const text = standingHeadline(standing, numbers);
  const first = lineOf(opener, 'who', numbers);
  const facts = present([
    ['Calls', 'call' in opener ? String(count) : undefined],
    ['First', when(opener.occurredAt)],
    ['Last', when(lastAt)],
    ['It lasted', lengthOf(standing)],
  ]);
  const isCalls = 'call' in opener && count > 1;
  const hint = isCalls ? `First: ${first}\nThe others are named below, in the thread.` : first;
  const fields = facts.map(([label, value]) => mrkdwn(`*${label}*\n${value}`));
  const words = facts.map(([label, value]) => `${label}: ${value}`);
  return [
    {
      text,
      blocks: [
        { type: 'header', text: plainText(text) },
        { type: 'section', fields },
        section(hint),
        contextOf(standing, numbers),
      ],
    },
    {
      text,
      blocks: [section([`*${text}*`, ...words, hint].join('\n')), contextOf(standing, numbers)],
    },
    { text: [text, ...words, hint].join('\n') },
  ];
}
