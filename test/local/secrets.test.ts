import { DatabaseSync } from 'node:sqlite';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { createSecretService } from '../../lib/local/secrets.ts';
import type { SecretService } from '../../lib/local/services.ts';

let db: DatabaseSync;
let secrets: SecretService;
let outside: string | undefined;
let server: Awaited<ReturnType<typeof startAwsServer>>;
let client: SecretsManagerClient;

beforeEach(async () => {
  db = new DatabaseSync(':memory:');
  outside = undefined;
  const resolve = (name: string) => (name === 'callwire/outside' ? outside : undefined);
  secrets = createSecretService({ db, now: () => 1_700_000_000_000 }, resolve);
  server = await startAwsServer({ json: [secrets] });
  client = new SecretsManagerClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
  db.close();
});

describe('the secrets', () => {
  it('are read by name and by the ARN that reading by name gives', async () => {
    secrets.putSecret('callwire/providers/main', '{"hamsa":"k"}');

    const byName = await get('callwire/providers/main');
    const byArn = await get(byName.ARN ?? '');

    expect(byName).toMatchObject({
      Name: 'callwire/providers/main',
      SecretString: '{"hamsa":"k"}',
      CreatedDate: new Date(1_700_000_000_000),
    });
    expect(byArn.SecretString).toBe('{"hamsa":"k"}');
  });

  it('are read by an ARN without its ending, even when the name looks like it had one', async () => {
    secrets.putSecret('team-abcdef', 'v');

    const found = await get('arn:aws:secretsmanager:us-east-1:000000000000:secret:team-abcdef');

    expect(found.SecretString).toBe('v');
  });

  it('show a new value at the next read', async () => {
    outside = 'first';
    const before = await get('callwire/outside');
    outside = 'second';
    const after = await get('callwire/outside');

    expect([before.SecretString, after.SecretString]).toEqual(['first', 'second']);
  });

  it('that do not exist are reported as the client expects', async () => {
    await expect(get('none')).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  it('never reach the database', () => {
    secrets.putSecret('name', 'value');

    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([]);
  });
});

function get(SecretId: string) {
  return client.send(new GetSecretValueCommand({ SecretId }));
}
