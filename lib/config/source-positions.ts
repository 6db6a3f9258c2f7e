import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { Problem } from './config-error.ts';
import { type Finding, formatPath, isSecretName, type Path, withoutControls } from './finding.ts';

/** A YAML text and where its lines and nodes are. */
export interface Source {
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** A finding that knows its place in the text already. */
export type PlacedFinding = Finding & { offset: number };

/** Reads a YAML text; what is wrong with it is in `document.errors` and `document.warnings`. */
export function openSource(text: string): Source {
  const lines = new LineCounter();
  // Pretty errors would quote the source, secrets included.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  return { text, document, lines };
}

/** Gives findings their lines, sorted, with excerpts that hide secrets. */
export function locate(source: Source, findings: readonly (Finding | PlacedFinding)[]): Problem[] {
  const hidden = [...secretRanges(source), ...unknownKeyRanges(source, findings)];
  return findings
    .map((finding) => {
      const { path, message, fix } = finding;
      const offset = 'offset' in finding ? finding.offset : offsetOf(source, finding);
      const { line, col: column } = source.lines.linePos(offset);
      const excerpt = excerptAt(source, offset, hidden);
      return { line, column, path: formatPath(path), message, fix, excerpt };
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The line of the value at a path, counted from 1. */
export const lineAt = (source: Source, path: Path): number =>
  source.lines.linePos(offsetOf(source, { path })).line;

/** Where a key that starts at `offset` is in the document. */
export function pathOfKeyAt({ document }: Source, offset: number): Path {
  let found: Path = [];
  visit(document, {
    Pair(_, pair, ancestors) {
      if (!isNode(pair.key) || pair.key.range?.[0] !== offset) return undefined;
      found = [...pathOf(ancestors, pair), keyOf(pair)];
      return visit.BREAK;
    },
  });
  return found;
}

type Range = readonly [from: number, to: number];
type Ancestors = readonly (Document | Node | Pair)[];

function pathOf(ancestors: Ancestors, last: Pair): Path {
  return ancestors.flatMap((ancestor, depth): PropertyKey[] => {
    const next: unknown = ancestors[depth + 1] ?? last;
    if (isSeq(ancestor)) return [ancestor.items.indexOf(next)];
    if ('key' in ancestor) return [keyOf(ancestor)];
    return [];
  });
}

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

/** The key and the value at a path; the deepest that exist where the path leaves the document. */
function nodesAt({ document }: Source, path: Path): { key?: Node; value?: Node; isThere: boolean } {
  let key: Node | undefined;
  let value = document.contents ?? undefined;
  for (const step of path) {
    let next: unknown;
    if (isSeq(value)) next = value.items[Number(step)];
    if (isMap(value)) {
      const pair = value.items.find((candidate) => keyOf(candidate) === String(step));
      next = pair?.value ?? pair?.key;
      key = isNode(pair?.key) ? pair.key : key;
    }
    if (!isNode(next)) return { key, value, isThere: false };
    value = next;
  }
  return { key, value, isThere: true };
}

function offsetOf(
  source: Source,
  { path, isUnknownKey = false }: Pick<Finding, 'path' | 'isUnknownKey'>,
): number {
  const { key, value, isThere } = nodesAt(source, path);
  const [start = 0, end = 0] = value?.range ?? [];
  // A value that is not written has no place of its own.
  const isEmpty = isThere && start === end;
  return (isUnknownKey || isEmpty ? key?.range?.[0] : undefined) ?? start;
}

function secretRanges({ document, text }: Source): Range[] {
  const ranges: Range[] = [];
  visit(document, {
    Pair(_, pair) {
      if (isSecretName(keyOf(pair)) && isNode(pair.value)) ranges.push(rangeOf(pair.value));
    },
  });
  if (document.errors.length === 0) return ranges;

  // In a text that is no YAML the nodes may be anything: hide by the look of the line.
  const looks = text.matchAll(/(?:key|token|secret|password)\w*["']?[ \t]*:(?<value>.*)/gi);
  for (const { index, 0: match, groups } of looks) {
    const end = index + match.length;
    ranges.push([end - (groups?.value?.length ?? 0), end]);
  }
  return ranges;
}

const unknownKeyRanges = (source: Source, findings: readonly Finding[]): Range[] =>
  findings
    .filter(({ isUnknownKey }) => isUnknownKey)
    .map(({ path }) => nodesAt(source, path).value)
    .filter((value) => value !== undefined)
    .map(rangeOf);

/** From the start of a node to the end of the comment behind it. */
const rangeOf = ({ range }: Node): Range => [range?.[0] ?? 0, range?.[2] ?? 0];

/** More of a line than this helps nobody. */
const EXCERPT_LENGTH = 160;

function excerptAt({ text }: Source, offset: number, hidden: readonly Range[]): Problem['excerpt'] {
  const start = text.slice(0, offset).lastIndexOf('\n') + 1;
  const newline = text.indexOf('\n', offset);
  const end = Math.min(newline === -1 ? text.length : newline, start + EXCERPT_LENGTH);
  const nearby = hidden.filter(([from, to]) => from < end && to > start);

  let shown = '';
  let caret = 0;
  for (let index = start; index < end; index++) {
    const isHidden = nearby.some(([from, to]) => index >= from && index < to);
    if (!isHidden) shown += text.charAt(index);
    else if (!shown.endsWith('…')) shown += '…';
    if (index <= offset) caret = Math.max(0, shown.length - 1);
  }
  return { text: withoutControls(shown.trimEnd()), caret };
}
