import { ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { secretReader } from '../../lib/adapters/secrets.ts';
import { NOW } from '../support/calls.ts';
import { answering, LOCAL } from '../support/sdk.ts';

const VALUE = 'sk-do-not-leak';

function setup(answer: (name: string) => string) {
  let time = NOW.getTime();
  const asked: string[] = [];
  const client = answering(
    new SecretsManagerClient(LOCAL),
    ({ SecretId }: { SecretId: string }) => {
      asked.push(SecretId);
      return { SecretString: answer(SecretId) };
    },
  );
  return {
    asked,
    pass: (minutes: number) => {
      time += minutes * 60_000;
    },
    read: secretReader(client, { KEY: VALUE, EMPTY: '' }, () => new Date(time)),
  };
}

const json = JSON.stringify({ hamsa: VALUE, samva: 'other', port: 5432 });

describe('a reference to a secret', () => {
  it.each([
    ['env:KEY', VALUE],
    ['secret:callwire/providers/one', json],
    ['secret:callwire/providers/one#hamsa', VALUE],
  ])('%s is read', async (reference, expected) => {
    expect(await setup(() => json).read(reference)).toBe(expected);
  });

  it.each([
    'env:MISSING',
    'env:EMPTY',
    'secret:callwire/providers/one#vozagent',
    'secret:callwire/providers/one#port',
    'secret:callwire/providers/one#toString',
    'sk-written-by-mistake',
  ])('%s that leads nowhere says so, and nothing else of the secret', async (reference) => {
    const reading = setup(() => json).read(reference);

    await expect(reading).rejects.toMatchObject({ name: 'PermanentError', reason: 'key_missing' });
    await expect(reading).rejects.not.toThrow(VALUE);
  });

  it('to a secret that is no JSON says so without quoting it', async () => {
    const error: unknown = await setup(() => VALUE)
      .read('secret:callwire/providers/one#a')
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ reason: 'key_missing' });
    expect(String(error instanceof Error && error.stack)).not.toContain(VALUE);
  });

  it('to a secret that is not there says so', async () => {
    const { read } = setup(() => {
      throw new ResourceNotFoundException({ message: 'no', $metadata: {} });
    });

    await expect(read('secret:callwire/providers/none')).rejects.toMatchObject({
      reason: 'key_missing',
    });
  });

  it('that may not be read is trouble that people are told of, not a crash', async () => {
    const { read } = setup(() => {
      throw new Error('AccessDeniedException');
    });

    await expect(read('secret:callwire/providers/one')).rejects.toMatchObject({
      name: 'TransientError',
      reason: 'key_unreadable',
    });
  });

  it('is read once for all keys in it, and again after five minutes', async () => {
    const { read, asked, pass } = setup(() => json);
    await Promise.all([read('secret:callwire/a#hamsa'), read('secret:callwire/a#samva')]);
    pass(4);
    await read('secret:callwire/a#hamsa');
    expect(asked).toHaveLength(1);
    pass(2);
    await read('secret:callwire/a#hamsa');

    expect(asked).toHaveLength(2);
  });

  it('that could not be read is tried again at once', async () => {
    let isDown = true;
    const { read } = setup(() => {
      if (isDown) throw new Error('down');
      return VALUE;
    });
    await expect(read('secret:callwire/a')).rejects.toThrow();
    isDown = false;

    expect(await read('secret:callwire/a')).toBe(VALUE);
  });
});
