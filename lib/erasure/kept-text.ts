import * as z from 'zod';
import type { ObjectStore, SetAside } from './ports.ts';

const encodedSchema = z
  .string()
  .transform((text, { addIssue }): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ body: z.base64(), encoding: z.literal('base64') }));

/**
 * A text that is kept, with what nobody would find in it: a webhook that was no text has its body in base64.
 * Its other parts are to be found as well.
 */
function withDecoded(text: string): string {
  // Few are, which is seen without parsing them.
  const encoded = text.includes('base64') ? encodedSchema.safeParse(text).data : undefined;
  return encoded ? `${text}\n${Buffer.from(encoded.body, 'base64').toString()}` : text;
}

/** What an object says, to look for something in it; nothing where it is not there any more. */
export const textAt = async (key: string, objects: ObjectStore): Promise<string> =>
  withDecoded((await objects.read(key)) ?? '');

/** What a record says that was set aside, wherever it lies. */
export async function textOf({ text, rawKey }: SetAside, objects: ObjectStore): Promise<string> {
  if (text !== undefined) return withDecoded(text);
  return rawKey === undefined ? '' : await textAt(rawKey, objects);
}
