import { isScalar, visit, type YAMLError } from 'yaml';
import type { Advice } from './finding.ts';
import { type PlacedFinding, pathOfKeyAt, type Source } from './source-positions.ts';

/**
 * What is wrong with the YAML itself, up to the first fault of structure: what the parser says after
 * that is mostly an echo. A tab is such a fault's usual cause, so it is told instead of it.
 */
export function checkSyntax(source: Source): PlacedFinding[] {
  const { errors, warnings } = source.document;
  const local = errors.filter(({ code }) => LOCAL_FAULTS.has(code));
  const first = errors.findIndex(({ code }) => !LOCAL_FAULTS.has(code));
  const isTabbed = local.some(({ code }) => code === 'TAB_AS_INDENT');
  const sure = isTabbed || first === -1 ? local : errors.slice(0, first + 1);
  return [...[...sure, ...warnings].map((error) => explain(source, error)), ...aliases(source)];
}

/** Faults that leave the parser sure of what follows. */
const LOCAL_FAULTS: ReadonlySet<YAMLError['code']> = new Set([
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'DUPLICATE_KEY',
  'TAB_AS_INDENT',
]);

/** Whether the rest of the file means anything: a key that is written twice leaves it as it is. */
export const isReadable = (source: Source): boolean =>
  source.document.errors.every(({ code }) => code === 'DUPLICATE_KEY') &&
  aliases(source).length === 0;

// Own words, because the parser's quote the source, and may quote a secret with it.
const ADVICE: Partial<Record<YAMLError['code'], Advice>> = {
  TAB_AS_INDENT: { message: 'a tab is used for indentation', fix: 'Indent with spaces.' },
  BAD_INDENT: {
    message: 'the indentation does not fit, or a bracket above is not closed',
    fix: 'Indent the line like its neighbours, or close the { or [.',
  },
  BAD_SCALAR_START: {
    message: 'a value cannot start with this character',
    fix: 'Put the value in double quotes.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a value contains a colon and a space, or a field starts in the middle of a line',
    fix: 'Put the value in double quotes, or start a new line.',
  },
  MISSING_CHAR: {
    message: 'a colon, a comma or a dash is missing, or the indentation does not fit',
    fix: 'Write fields as "name: value" and list items as "- value", indented alike.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a field name has no colon with a space behind it',
    fix: 'Write fields as "name: value".',
  },
  NON_STRING_KEY: {
    message: 'a field name is not plain text',
    fix: 'Write fields as "name: value"; put text that starts with [ or { in quotes.',
  },
  MULTIPLE_DOCS: {
    message: 'a second document starts here',
    fix: 'Remove the line "---": the file is one document.',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes is followed by something that has no meaning there',
    fix: 'Use single quotes, or write \\\\ for a backslash.',
  },
  DUPLICATE_KEY: { message: 'is written twice', fix: 'Remove one of the two.' },
  TAG_RESOLVE_FAILED: { message: 'YAML tags are not used here', fix: 'Remove the word with "!".' },
};

const UNEXPECTED: Advice = {
  message: 'this is not YAML',
  fix: 'Put text with special characters in double quotes; close every bracket and quote.',
};

const HIDDEN_VALUE: Advice = {
  message: 'all from here to the end of the line is a comment, and hides a bracket that closes',
  fix: 'Put a value that starts with # in double quotes, as in channel: "#voice-ops".',
};

function explain(source: Source, error: YAMLError): PlacedFinding {
  const [offset] = error.pos;
  const hidden = BRACKET_FAULTS.has(error.code) ? commentBefore(source, offset) : undefined;
  if (hidden !== undefined) return { path: [], offset: hidden, ...HIDDEN_VALUE };
  const path = error.code === 'DUPLICATE_KEY' ? pathOfKeyAt(source, offset) : [];
  const quote = error.code === 'MISSING_CHAR' ? openQuoteBefore(source, offset) : undefined;
  if (quote !== undefined) {
    const fix = 'Write the same quote at the end of the text.';
    return { path, offset: quote, message: 'a quote is not closed', fix };
  }
  return { path, offset, ...(ADVICE[error.code] ?? UNEXPECTED) };
}

/** What the parser calls a bracket that is not closed, or a value right behind a bracket that starts with #. */
const BRACKET_FAULTS: ReadonlySet<YAMLError['code']> = new Set(['BAD_INDENT', 'MISSING_CHAR']);

/**
 * Where a comment starts that was meant as a value: in the last line up to `end` that has a # where a
 * value belongs, with a bracket that opens before it and one that closes behind it.
 */
function commentBefore({ text, lines }: Source, end: number): number | undefined {
  const { line } = lines.linePos(end);
  const before = text.slice(0, lines.lineStarts[line] ?? text.length);
  // Behind the # of a comment there is a space, as people write them.
  return [...before.matchAll(/#(?=\S)/g)].findLast(({ index }) => {
    const start = before.slice(before.lastIndexOf('\n', index) + 1, index);
    const stop = before.indexOf('\n', index);
    const rest = before.slice(index, stop === -1 ? undefined : stop);
    return /[{[]/.test(start) && /[:,{[]/.test(start.trimEnd().slice(-1)) && /[\]}]/.test(rest);
  })?.index;
}

/** Where the quoted text starts that runs to `end`: the parser reports where it found out, often the last line. */
function openQuoteBefore({ document, text }: Source, end: number): number | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar(_, scalar) {
      const [from, to] = scalar.range ?? [];
      if (isQuoted(scalar) && from !== undefined && to === end) start = from;
    },
  });
  const isClosed = start !== undefined && end - start > 1 && text[end - 1] === text[start];
  return isClosed ? undefined : start;
}

const isQuoted = (node: unknown): boolean =>
  isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');

/** Aliases are refused: each line then says what it means, and no few lines can stand for millions. */
function aliases({ document }: Source): PlacedFinding[] {
  const found: PlacedFinding[] = [];
  visit(document, {
    Alias(_, { range }) {
      const message = 'aliases are not used here';
      const fix = 'Write the value out in full.';
      found.push({ path: [], offset: range?.[0] ?? 0, message, fix });
    },
  });
  return found;
}
