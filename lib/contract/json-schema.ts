import * as z from 'zod';

/** A JSON Schema, as far as anybody here looks into one. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface SchemaForm {
  readonly target: 'draft-2020-12' | 'draft-07' | 'draft-04';
}

/**
 * A zod schema as consumers read it. Objects are open, because a field more is no break; and instants are
 * a format, without the page of pattern that zod checks them by.
 */
export const jsonSchemaOf = (schema: z.ZodType, { target }: SchemaForm): JsonSchema =>
  z.toJSONSchema(schema, {
    target,
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
