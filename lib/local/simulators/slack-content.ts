import { isObject, isTrue, type Json } from './json.ts';
import { countText, validateBlocks } from './slack-blocks.ts';
import { type Rendering, render } from './slack-rendering.ts';
import { SlackRefusal } from './slack-request.ts';

// "Slack will truncate messages containing more than 40,000 characters":
// https://docs.slack.dev/reference/methods/chat.postMessage
const MAX_TEXT = 40_000;

/** What a message says, valid. */
export interface SlackContent extends Rendering {
  /** As it was sent, cut to 40,000 characters. */
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata: Json | undefined;
}

/** What chat.update puts in the place of what was there; what it does not name stays. */
export type SlackChange = Partial<SlackContent>;

// "The text field cannot exceed 4,000 characters": https://docs.slack.dev/reference/methods/chat.update
const MAX_UPDATED_TEXT = 4_000;

/**
 * Reads and checks the content of chat.update. Metadata that is left out stays, and so do blocks.
 * @throws SlackRefusal with the error word of https://docs.slack.dev/reference/methods/chat.update
 */
export function readChange(args: Json, maxBlockText: number): SlackChange {
  if (typeof args.text === 'string' && args.text.length > MAX_UPDATED_TEXT) {
    throw new SlackRefusal('msg_too_long');
  }
  const { metadata, blocks, ...content } = readContent(args, maxBlockText);
  return {
    ...content,
    ...(args.blocks === undefined ? {} : { blocks }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/**
 * Reads and checks the content of chat.postMessage.
 * @throws SlackRefusal with the error word of https://docs.slack.dev/reference/methods/chat.postMessage
 */
export function readContent(args: Json, maxBlockText: number): SlackContent {
  const text = typeof args.text === 'string' ? args.text.slice(0, MAX_TEXT) : '';
  const blocks = readBlocks(args.blocks, maxBlockText);
  const hasAttachments = Array.isArray(args.attachments) && args.attachments.length > 0;
  if (text === '' && blocks.length === 0 && !hasAttachments) throw new SlackRefusal('no_text');

  const linksNames = args.parse === 'full' || isTrue(args.link_names);
  return {
    text,
    blocks,
    metadata: readMetadata(args.metadata),
    ...render(text, blocks, { linksNames }),
  };
}

function readBlocks(blocks: unknown, maxBlockText: number): readonly unknown[] {
  if (blocks === undefined || blocks === null || blocks === '') return [];
  if (!Array.isArray(blocks)) throw new SlackRefusal('invalid_blocks_format');
  const errors = validateBlocks(blocks);
  if (errors.length > 0) {
    const messages = errors.map((error) => `[ERROR] ${error}`);
    throw new SlackRefusal('invalid_blocks', { errors, response_metadata: { messages } });
  }
  if (countText(blocks) > maxBlockText) throw new SlackRefusal('msg_blocks_too_long');
  return blocks;
}

/** https://docs.slack.dev/messaging/message-metadata: `event_type` and `event_payload` are required. */
function readMetadata(metadata: unknown): Json | undefined {
  if (metadata === undefined || metadata === '') return undefined;
  if (!isObject(metadata)) throw new SlackRefusal('invalid_metadata_format');
  if (typeof metadata.event_type !== 'string' || !isObject(metadata.event_payload)) {
    throw new SlackRefusal('invalid_metadata_schema');
  }
  if (!Object.values(metadata.event_payload).every(isPayloadValue)) {
    throw new SlackRefusal('invalid_metadata_schema');
  }
  if (JSON.stringify(metadata).length > MAX_METADATA) throw new SlackRefusal('metadata_too_large');
  return metadata;
}

// That there is a limit is documented ("metadata_too_large"), how much it is, is not.
const MAX_METADATA = 8_000;

/** The SDK's type has texts, numbers, booleans, flat objects and lists of those, and no list of texts. */
const isPayloadValue = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isObject) : value !== null && value !== undefined;
