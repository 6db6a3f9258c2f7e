import type * as z from 'zod';
import type { AwsError } from './services.ts';

/**
 * The input of an operation as `schema` types it.
 *
 * @param refuse the error of this service, given every reason why the input does not fit
 */
export function parseRequest<T>(
  schema: z.ZodType<T>,
  input: unknown,
  refuse: (reasons: string) => AwsError,
): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw refuse(reasons.join('; '));
}
