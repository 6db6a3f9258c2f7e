import { isObject, type Json } from './json.ts';

// Limits are those of https://docs.slack.dev/reference/block-kit; `rules` in slack-rules.ts has each page.

const MAX_BLOCKS = 50;
const MAX_MARKDOWN = 12_000;
// Blocks that a message may have and whose inside is not checked here.
const UNCHECKED_BLOCKS = [
  'divider',
  'rich_text',
  'file',
  'video',
  'input',
  'table',
  'context_actions',
];

/** Where and what, in the words that Slack uses: `must be less than 151 characters [json-pointer:…]`. */
type Report = (problem: string, pointer: string) => void;

const checks: Readonly<Record<string, (block: Json, at: string, report: Report) => void>> = {
  section: checkSection,
  header(block, at, report) {
    checkText(block.text, `${at}/text`, { max: 150, plainOnly: true }, report);
  },
  context(block, at, report) {
    checkElements(block, at, { max: 10, allowed: ['image', 'plain_text', 'mrkdwn'] }, report);
  },
  actions(block, at, report) {
    checkElements(block, at, { max: 25, allowed: ['button'] }, report);
  },
  image: checkImage,
  markdown(block, at, report) {
    // Its limit is one for all such blocks of the message: see below.
    checkString(block.text, `${at}/text`, Number.POSITIVE_INFINITY, report);
  },
};

/** Returns what Slack would object to; an empty list means that the blocks are valid. */
export function validateBlocks(blocks: readonly unknown[]): string[] {
  const problems: string[] = [];
  const report: Report = (problem, pointer) => {
    problems.push(`${problem} [json-pointer:${pointer}]`);
  };
  const ids = new Set<unknown>();

  if (blocks.length > MAX_BLOCKS) report(`no more than ${MAX_BLOCKS} items allowed`, '/blocks');
  for (const [index, block] of blocks.entries()) {
    const at = `/blocks/${index}`;
    if (!isObject(block)) {
      report('must be an object', at);
      continue;
    }
    const type = String(block.type);
    const check = checks[type];
    if (check !== undefined) check(block, at, report);
    else if (!UNCHECKED_BLOCKS.includes(type)) report(`unsupported type: ${type}`, `${at}/type`);

    const id = block.block_id;
    if (id === undefined) continue;
    checkString(id, `${at}/block_id`, 255, report);
    if (ids.has(id)) report('block_id must be unique', `${at}/block_id`);
    ids.add(id);
  }

  const markdown = blocks.filter((block) => isObject(block) && block.type === 'markdown');
  if (countText(markdown) > MAX_MARKDOWN) {
    report(`must be less than ${MAX_MARKDOWN + 1} characters in all markdown blocks`, '/blocks');
  }
  return problems;
}

/** Counts every `text` string in the blocks, however deep. */
export function countText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countText(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, member]) =>
      sum + (name === 'text' && typeof member === 'string' ? member.length : countText(member)),
    0,
  );
}

function checkSection(block: Json, at: string, report: Report): void {
  const { text, fields, accessory } = block;
  if (text === undefined && fields === undefined) report('missing required field: text', at);
  if (text !== undefined) checkText(text, `${at}/text`, { max: 3000 }, report);
  if (accessory !== undefined) checkElement(accessory, `${at}/accessory`, report);
  if (fields === undefined) return;
  if (!Array.isArray(fields) || fields.length === 0) {
    report('must have at least 1 item', `${at}/fields`);
    return;
  }
  if (fields.length > 10) report('no more than 10 items allowed', `${at}/fields`);
  for (const [index, field] of fields.entries()) {
    checkText(field, `${at}/fields/${index}`, { max: 2000 }, report);
  }
}

function checkElements(
  block: Json,
  at: string,
  { max, allowed }: { max: number; allowed: readonly string[] },
  report: Report,
): void {
  const elements = block.elements;
  if (!Array.isArray(elements) || elements.length === 0) {
    report('must have at least 1 item', `${at}/elements`);
    return;
  }
  if (elements.length > max) report(`no more than ${max} items allowed`, `${at}/elements`);
  for (const [index, element] of elements.entries()) {
    const pointer = `${at}/elements/${index}`;
    const type = isObject(element) ? String(element.type) : 'none';
    if (!allowed.includes(type)) report(`unsupported type: ${type}`, `${pointer}/type`);
    else checkElement(element, pointer, report);
  }
}

function checkElement(element: unknown, at: string, report: Report): void {
  if (!isObject(element)) {
    report('must be an object', at);
    return;
  }
  switch (element.type) {
    case 'button':
      checkButton(element, at, report);
      break;
    case 'image':
      checkImage(element, at, report);
      break;
    case 'plain_text':
    case 'mrkdwn':
      checkText(element, at, { max: 3000 }, report);
      break;
    default:
      report(`unsupported type: ${String(element.type)}`, `${at}/type`);
  }
}

function checkButton(button: Json, at: string, report: Report): void {
  checkText(button.text, `${at}/text`, { max: 75, plainOnly: true }, report);
  for (const [name, max] of [
    ['url', 3000],
    ['value', 2000],
    ['action_id', 255],
  ] as const) {
    if (button[name] !== undefined) checkString(button[name], `${at}/${name}`, max, report);
  }
  const { url, style } = button;
  if (typeof url === 'string' && !URL.canParse(url)) report('must be a valid url', `${at}/url`);
  if (style !== undefined && style !== 'primary' && style !== 'danger') {
    report('must be a valid enum value', `${at}/style`);
  }
}

function checkImage(image: Json, at: string, report: Report): void {
  checkString(image.alt_text, `${at}/alt_text`, 2000, report);
  if (image.slack_file === undefined) {
    checkString(image.image_url, `${at}/image_url`, 3000, report);
  }
}

function checkText(
  text: unknown,
  at: string,
  { max, plainOnly = false }: { max: number; plainOnly?: boolean },
  report: Report,
): void {
  if (!isObject(text)) {
    report('missing required field: text', at);
    return;
  }
  const type = String(text.type);
  const isAllowed = type === 'plain_text' || (type === 'mrkdwn' && !plainOnly);
  if (!isAllowed) report(`unsupported type: ${type}`, `${at}/type`);
  checkString(text.text, `${at}/text`, max, report);
}

function checkString(value: unknown, at: string, max: number, report: Report): void {
  if (typeof value !== 'string') report('must be a string', at);
  else if (value.length === 0) report('must be more than 0 characters', at);
  else if (value.length > max) report(`must be less than ${max + 1} characters`, at);
}
