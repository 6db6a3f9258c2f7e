import { connectionSchema, secretRefSchema } from '../config/settings.ts';
import type { DestinationDefinition } from '../destinations/destination.ts';

/** Written in capitals, so that a key that was pasted is hardly ever taken for a name. */
const REFERENCE = /^(env:[A-Z_][A-Z0-9_]*|secret:.+)$/;

const isReference = (text: string): boolean =>
  REFERENCE.test(text) && secretRefSchema.safeParse(text).success;

/** Takes the place of a secret only: a pasted one is neither taken nor repeated. */
export const whereNotWhat = (example: string) => (text: string) =>
  isReference(text)
    ? undefined
    : `Write where it is, never the key itself, such as ${example}: before the name of a variable goes env:`;

/** What a schema of ours says of a value: what to write after "; ", or what it must be. */
function adviceIn(message: string | undefined): string | undefined {
  const [what, fix] = message?.split('; ') ?? [];
  return what && (fix === undefined ? `It ${what}.` : `Please ${fix}.`);
}

/** Checks an answer as the file's own schema does. */
export const connectionProblem =
  (name: 'id' | 'phoneRegion') =>
  (text: string): string | undefined =>
    adviceIn(connectionSchema.shape[name].safeParse(text).error?.issues[0]?.message);

/** The same for one setting of a destination, of which others may still be to come. */
export const settingProblem =
  (kind: DestinationDefinition, setting: string) =>
  (text: string): string | undefined => {
    const { error } = kind.settings.safeParse({ id: 'new', kind: kind.kind, [setting]: text });
    return adviceIn(error?.issues.find(({ path }) => path[0] === setting)?.message);
  };
