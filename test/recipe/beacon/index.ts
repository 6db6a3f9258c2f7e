import * as z from 'zod';
import { secretRefSchema } from '../../../lib/config/settings.ts';
import { defineDestination, destinationFields } from '../../../lib/destinations/destination.ts';

const settingsSchema = z.strictObject({
  ...destinationFields,
  kind: z.literal('beacon'),
  token: secretRefSchema,
  board: z.string().regex(/^[a-z]+$/, { error: 'is not a board; write its name in small letters' }),
});
export type BeaconSettings = z.infer<typeof settingsSchema>;

/** A destination that nobody has: what `destinations.recipe.slow.ts` adds to a copy of the project. */
export const beacon = defineDestination({
  kind: 'beacon',
  docs: 'https://docs.beacon.example/entries',
  audience: 'systems',
  settings: settingsSchema,
  secrets: ['token'],
  pace: () => undefined,
});
