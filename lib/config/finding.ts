/** The way to a value: `['connections', 0, 'poll', 'every']`. */
export type Path = readonly PropertyKey[];

/** What is wrong with something, and what to write instead. */
export interface Advice {
  message: string;
  fix: string;
}

/** Something that is wrong with a value, before anybody looked up in which line it is. */
export interface Finding extends Advice {
  path: Path;
  /** The last part of the path is a name that nothing has. Its value may be a misplaced secret: it is hidden. */
  isUnknownKey?: boolean;
}

/** A path as people write it: `connections[0].poll.every`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');

/** True for fields that hold a secret or a reference to one: their values are never shown. */
export const isSecretName = (name: unknown): boolean =>
  /key|token|secret|password|credential|authorization/i.test(String(name));

/** The value at a path; undefined where there is none. */
export const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, step) => (isRecord(value) ? value[step] : undefined), root);

const isRecord = (value: unknown): value is Record<PropertyKey, unknown> =>
  typeof value === 'object' && value !== null;

/** A value for a message, short and without characters that could steer a terminal. */
export function unquoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return withoutControls(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export const shown = (value: unknown): string => `"${unquoted(value)}"`;

/** The text with control and direction characters replaced by signs that can be seen. */
export const withoutControls = (text: string): string =>
  text.replaceAll('\t', '→').replaceAll(/[\p{Cc}\p{Cf}]/gu, '·');
