import { afterAll, describe, expect, it } from 'vitest';
import { declare, removeAssemblies } from './template.ts';

afterAll(removeAssemblies);

const { resources } = declare();

describe('what is kept', () => {
  const tables = resources.filter(({ type }) => type === 'AWS::DynamoDB::Table');
  const key = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
  ];
  const index = (name: string, hash: string, range: string) => ({
    IndexName: name,
    KeySchema: key(hash, range),
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });

  it('outlives the stack, encrypted, with every second of it recoverable', () => {
    expect(tables).toHaveLength(3);
    for (const { path, properties, deletionPolicy } of tables) {
      expect(deletionPolicy, path).toBe('Retain');
      expect(properties, path).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      });
    }
  });

  it('can be read by every key that the design names', () => {
    const shapes = tables.map(({ path, properties }) => [
      path,
      properties.KeySchema,
      properties.GlobalSecondaryIndexes,
    ]);

    expect(shapes).toEqual([
      [
        'Storage/Calls',
        key('pk'),
        [index('byTime', 't', 'at'), index('failedByDay', 'f', 'at'), index('byNumber', 'n', 'at')],
      ],
      ['Storage/Control', key('pk', 'sk'), undefined],
      ['Storage/Deliveries', key('pk', 'sk'), [index('unsettled', 'u', 'dueAt')]],
    ]);
  });

  it('shows publish both what an item was and what it became', () => {
    const calls = tables.find(({ path }) => path === 'Storage/Calls');

    expect(calls?.properties.StreamSpecification).toEqual({
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    });
  });

  it('has its raw records in one private, encrypted bucket that forgets after 13 months, and what was set aside after one', () => {
    const buckets = resources.filter(({ type }) => type === 'AWS::S3::Bucket');

    expect(buckets).toHaveLength(1);
    expect(buckets[0]?.deletionPolicy).toBe('Retain');
    expect(buckets[0]?.properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          { ExpirationInDays: 396, Status: 'Enabled' },
          { ExpirationInDays: 31, Prefix: 'quarantine/', Status: 'Enabled' },
          { ExpirationInDays: 31, Prefix: 'webhooks/', Status: 'Enabled' },
        ],
      },
    });
  });

  it('does not include events, unless asked, and then for at most 14 days', () => {
    const archivesOf = (archiveDays?: number) =>
      declare({ archiveDays }).resources.filter(({ type }) => type === 'AWS::Events::Archive');

    expect(archivesOf()).toEqual([]);
    expect(archivesOf(7).map(({ properties }) => properties.RetentionDays)).toEqual([7]);
    expect(() => archivesOf(15)).toThrow(/1 to 14/);
  });
});
