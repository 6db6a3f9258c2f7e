import { ConfigError } from './config-error.ts';
import type { Finding } from './finding.ts';
import { locate, openSource, type PlacedFinding, type Source } from './source-positions.ts';
import { checkSyntax, isReadable } from './syntax.ts';

/** A YAML file that says something. */
export interface YamlFile {
  readonly source: Source;
  readonly written: unknown;
  /** What is wrong with the YAML and leaves the rest readable. */
  readonly syntax: readonly PlacedFinding[];
  /** @throws ConfigError with what was found, if it is anything */
  refuse(findings: readonly Finding[]): void;
}

/**
 * Opens a YAML text.
 *
 * @param whenEmpty what to write in a file that says nothing
 * @throws ConfigError where it cannot be read at all
 */
export function openYaml(text: string, file: string, whenEmpty: string): YamlFile {
  const source = openSource(text);
  const refuse = (findings: readonly Finding[]): void => {
    const own = findings.filter(isOwnFault);
    if (own.length > 0) throw new ConfigError(file, locate(source, own));
  };

  const syntax = checkSyntax(source);
  if (!isReadable(source)) refuse(syntax);
  const written: unknown = source.document.toJS();
  if (written === null) refuse([{ path: [], message: 'the file is empty', fix: whenEmpty }]);
  return { source, written, syntax, refuse };
}

/** What is written below a name that nothing has is no fault of its own. */
const isOwnFault = ({ path }: Finding, _: number, all: readonly Finding[]): boolean =>
  !all.some(
    (other) =>
      other.isUnknownKey &&
      other.path.length < path.length &&
      other.path.every((step, depth) => step === path[depth]),
  );
