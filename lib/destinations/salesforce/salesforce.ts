import { Connection } from 'jsforce/lib/connection.js';
import * as z from 'zod';
import type { Values } from '../../crm/late-facts.ts';
import { isOtherSide, TransientError } from '../../errors.ts';
import { neverSent } from '../../http.ts';
import { meaningOf, SessionEndedError } from './refusals.ts';
import { accessToken, type Login } from './session.ts';
import { PlainTransport, RefusedError } from './transport.ts';

/** Of Summer 2024; Salesforce supports a version for at least three years. */
const VERSION = '61.0';

export type SalesforceObject = 'Task' | 'Contact' | 'Lead';

export interface SalesforceRecord {
  readonly id: string;
  readonly values: Values;
}

export interface Selection {
  readonly fields: readonly string[];
  readonly from: SalesforceObject;
  /** A condition in SOQL; texts in it are quoted by `quoted`. */
  readonly where: string;
  /** What follows the condition: `ORDER BY …`, `LIMIT …`. */
  readonly clauses?: string;
}

/** What is done at Salesforce, each in one request; one more after a new login when the session was over. */
export interface Salesforce {
  select(selection: Selection): Promise<readonly SalesforceRecord[]>;
  /**
   * Creates the record with this value of the external id field, or changes it.
   *
   * @returns its id
   */
  upsert(
    object: SalesforceObject,
    idField: string,
    id: string,
    fields: Readonly<Record<string, string | number>>,
  ): Promise<string>;
}

/** A text in SOQL. https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-quotedstringescapes.html */
export const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

const idSchema = z.string().regex(/^[A-Za-z0-9]{15,18}$/);
const valueSchema = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null ? null : String(value)));
const recordSchema = z
  .looseObject({ Id: idSchema, attributes: z.unknown().optional() })
  .transform(({ Id: id, attributes: _type, ...fields }) => ({
    id,
    values: Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]): [string, string | null][] => {
        const { success, data } = valueSchema.safeParse(value);
        return success ? [[name, data]] : [];
      }),
    ),
  }));
const foundSchema = z.object({ records: z.array(recordSchema) });
const savedSchema = z.object({ id: idSchema, success: z.literal(true) });

/** An org's API, until `signal` ends. */
export function salesforceOver(login: Login, signal: AbortSignal): Salesforce {
  async function once<T>(
    token: string,
    place: string,
    sent: readonly string[],
    request: (connection: Connection) => Promise<unknown>,
    answer: z.ZodType<T>,
  ): Promise<T> {
    const options = { instanceUrl: login.server, accessToken: token, version: VERSION };
    const connection = new Connection(options);
    connection._transport = new PlainTransport(signal);
    let answered: unknown;
    try {
      answered = await request(connection);
    } catch (error) {
      if (error instanceof RefusedError) throw meaningOf(place, error.refusal, sent);
      if (isOtherSide(error)) throw error;
      // A socket that broke, or jsforce could not read the answer; its words may quote it.
      const message = `${place} got no answer that can be read`;
      throw new TransientError(message, { maybeDone: !neverSent(error) });
    }
    const { success, data } = answer.safeParse(answered);
    if (success) return data;
    throw new TransientError(`${place} was answered with something unreadable`, {
      reason: 'unreadable_answer',
      maybeDone: true,
    });
  }

  async function ask<T>(
    place: string,
    sent: readonly string[],
    request: (connection: Connection) => Promise<unknown>,
    answer: z.ZodType<T>,
  ): Promise<T> {
    const token = await accessToken(login, signal);
    try {
      return await once(token, place, sent, request, answer);
    } catch (error) {
      if (!(error instanceof SessionEndedError)) throw error;
      const fresh = await accessToken(login, signal, token);
      return once(fresh, place, sent, request, answer);
    }
  }

  return {
    async select({ fields, from, where, clauses = '' }) {
      const soql = `SELECT ${['Id', ...fields].join(', ')} FROM ${from} WHERE ${where} ${clauses}`;
      const { records } = await ask(
        `Reading ${from}s`,
        fields,
        (connection) => connection.requestGet(`/query?q=${encodeURIComponent(soql.trim())}`),
        foundSchema,
      );
      return records;
    },
    async upsert(object, idField, id, fields) {
      const saved = await ask(
        `Writing a ${object}`,
        [idField, ...Object.keys(fields)],
        (connection) => connection.upsert(object, { ...fields, [idField]: id }, idField),
        savedSchema,
      );
      return saved.id;
    },
  };
}
