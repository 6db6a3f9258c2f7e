import * as z from 'zod';

/**
 * The properties of a resource, member by member: the ones the local system acts on, and the names
 * of those that change nothing on one machine (encryption, tags, billing). Any other one is refused,
 * so that nothing a template declares is silently not executed.
 */
export function declared<Shape extends z.ZodRawShape>(shape: Shape, harmless: readonly string[]) {
  return z.preprocess(
    (properties) =>
      typeof properties === 'object' && properties !== null
        ? Object.fromEntries(Object.entries(properties).filter(([key]) => !harmless.includes(key)))
        : properties,
    z.strictObject(shape),
  );
}

/** An object with nothing in it but the ARN of a queue, as CloudFormation writes dead-letter targets. */
export function queueReference<Member extends string>(member: Member) {
  return z.strictObject({ [member]: z.string().regex(/:sqs:/, 'only queues are emulated here') });
}
