import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { cached } from '../cached.ts';
import { PermanentError, TransientError } from '../errors.ts';
import { type Clock, MINUTE_MS } from '../time.ts';

/** A rotated secret is used within this time, without a redeploy. */
const CACHE_MS = 5 * MINUTE_MS;

/**
 * Reads the value behind a reference.
 *
 * @throws PermanentError `key_missing` or TransientError `key_unreadable`, naming the reference only
 */
export type SecretReader = (reference: string, options?: { fresh: boolean }) => Promise<string>;

const manyKeysSchema = z.record(z.string(), z.unknown());

function pick(reference: string, text: string, name: string | undefined): string {
  if (name === undefined) return text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Without the parser's own words: they quote the secret.
    throw new PermanentError('key_missing', `${reference}: the secret is not a JSON object`);
  }
  const value = manyKeysSchema.safeParse(parsed).data?.[name];
  if (typeof value !== 'string') {
    throw new PermanentError('key_missing', `${reference}: the secret has no text under that name`);
  }
  return value;
}

/** `env:NAME` from this process, `secret:name#key` from Secrets Manager: many keys in one secret cost as one. */
export function secretReader(
  client: SecretsManagerClient,
  env: Readonly<Record<string, string | undefined>>,
  now: Clock,
): SecretReader {
  const secrets = new Map<string, () => Promise<string>>();

  async function fetchSecret(name: string): Promise<string> {
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      if (SecretString !== undefined) return SecretString;
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) {
        throw new TransientError(`secret:${name} could not be read`, {
          reason: 'key_unreadable',
          cause: error,
        });
      }
    }
    throw new PermanentError('key_missing', `secret:${name}: there is no such secret`);
  }

  return async (reference, { fresh } = { fresh: false }) => {
    const [, kind, name = '', key] = /^(env|secret):([^#]+)(?:#(.+))?$/.exec(reference) ?? [];
    if (kind === 'env') {
      const value = env[name];
      if (!value) throw new PermanentError('key_missing', `${reference}: the variable is not set`);
      return value;
    }
    // Not quoted: what is no reference may be the secret itself.
    if (kind === undefined)
      throw new PermanentError('key_missing', 'That is no reference to a secret');
    const known = fresh ? undefined : secrets.get(name);
    const read = known ?? cached(() => fetchSecret(name), CACHE_MS, now);
    secrets.set(name, read);
    return pick(reference, await read(), key);
  };
}
