import * as z from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const oneOrMore = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);

const comparisons = {
  /** Text that starts like this, or like one of these. */
  prefix: oneOrMore(z.string().min(1)).optional(),
  gt: z.number().optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
  lte: z.number().optional(),
  /** Older names of `gte` and `lt`. */
  atLeast: z.number().optional(),
  lessThan: z.number().optional(),
  /** Whether the event has a value there at all. */
  exists: z.boolean().optional(),
};

/** What a condition asks of one field: a value, any of several, or all that a group of operators says. */
export const wantedSchema = z.union([
  scalar,
  z.array(scalar).min(1),
  z.strictObject({
    not: z.union([scalar, z.array(scalar).min(1), z.strictObject(comparisons)]).optional(),
    ...comparisons,
  }),
]);
export type Wanted = z.infer<typeof wantedSchema>;

/**
 * What an event has to be, by field: a path in the event's `detail` or a short name. All of it has to
 * hold. `attributes: { title: … }` becomes `attributes.title: …`. Which fields there are is not checked
 * here but by `checkRoutes`, so that routes of tomorrow can be read where they are followed.
 */
export const conditionSchema = z
  .object({ attributes: z.record(z.string(), wantedSchema).optional() })
  .catchall(wantedSchema)
  .transform(({ attributes, ...fields }): Condition => {
    const named = Object.entries(attributes ?? {});
    return {
      ...fields,
      ...Object.fromEntries(named.map(([name, wanted]) => [`attributes.${name}`, wanted])),
    };
  });
export type Condition = Readonly<Record<string, Wanted>>;
