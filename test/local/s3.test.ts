import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { createObjectService, decodeAwsChunked } from '../../lib/local/s3.ts';

const Bucket = 'raw';

let db: DatabaseSync;
let server: Awaited<ReturnType<typeof startAwsServer>>;
let client: S3Client;

beforeEach(async () => {
  db = new DatabaseSync(':memory:');
  const objects = createObjectService({ db, now: () => Date.parse('2026-03-01T10:00:00Z') });
  objects.createBucket(Bucket);
  server = await startAwsServer({ json: [], objects });
  client = new S3Client({
    endpoint: server.endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
  db.close();
});

describe('a bucket', () => {
  it('gives back what was put, whatever the key', async () => {
    const Key = 'raw/hamsa/a b+c%2Fd/ü.json';
    const put = await client.send(new PutObjectCommand({ Bucket, Key, Body: '{"a":1}' }));

    const got = await client.send(new GetObjectCommand({ Bucket, Key }));

    expect(await got.Body?.transformToString()).toBe('{"a":1}');
    expect(got.ETag).toBe(put.ETag);
    expect(got.LastModified).toEqual(new Date('2026-03-01T10:00:00Z'));
  });

  it.each(['a/../b', './a', '..', 'a//b', '/a', 'a?b#c'])(
    'has a key %s of its own',
    async (key) => {
      await put(key, key);
      await put('b', 'another');

      expect(Buffer.from((await read(key)) ?? []).toString()).toBe(key);
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents?.map(({ Key }) => Key)).toContain(key);
    },
  );

  it('gives back type, encoding and metadata of an object', async () => {
    const given = {
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      Metadata: { provider: 'hamsa', 'call-id': '1, 2' },
    };
    await client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'zipped', ...given }));

    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));

    expect(got).toMatchObject(given);
    expect(head).toMatchObject(given);
  });

  it('forgets the metadata of what it replaces', async () => {
    const before = { Body: 'before', ContentEncoding: 'gzip', Metadata: { provider: 'hamsa' } };
    await client.send(new PutObjectCommand({ Bucket, Key: 'key', ...before }));
    await put('key', 'after');

    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));

    expect(head.ContentEncoding).toBeUndefined();
    expect(head.Metadata).toEqual({});
  });

  it('gives an object without a type the default one', async () => {
    await fetch(`${server.endpoint}/${Bucket}/key`, { method: 'PUT', body: new Uint8Array(1) });

    const { ContentType } = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));

    expect(ContentType).toBe('binary/octet-stream');
  });

  it('keeps bytes as they are, an empty object too', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await put('bytes', bytes);
    await put('empty', new Uint8Array());

    expect(await read('bytes')).toEqual(bytes);
    expect(await read('empty')).toHaveLength(0);
  });

  it('takes the content out of a chunked body with a trailing checksum', async () => {
    const chunks = ['first\r\n', 'x'.repeat(70_000), '\r\n0\r\n'];
    const Body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    const ContentLength = chunks.join('').length;

    const ContentEncoding = 'identity';
    const Key = 'stream';
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength, ContentEncoding }));

    expect(Buffer.from((await read(Key)) ?? []).toString()).toBe(chunks.join(''));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.ContentEncoding).toBe(ContentEncoding);
  });

  it('replaces, describes and deletes an object', async () => {
    await put('key', 'long before');
    await put('key', 'after');

    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    expect(head.ContentLength).toBe(5);

    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await expect(read('key')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'key' }))).rejects.toBeInstanceOf(
      NotFound,
    );
  });

  it('lists keys with a prefix in pages, in order', async () => {
    for (const key of ['b/2', 'b/1', 'a/1', 'b/<3>', 'c/1']) await put(key, key);

    const first = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/', MaxKeys: 2 }));
    const second = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: 'b/',
        MaxKeys: 2,
        ContinuationToken: first.NextContinuationToken,
      }),
    );

    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 2 });
    expect(first.Contents).toMatchObject([{ Key: 'b/1', Size: 3 }, { Key: 'b/2' }]);
    expect(second).toMatchObject({ IsTruncated: false, Contents: [{ Key: 'b/<3>', Size: 5 }] });
  });

  it('must exist', async () => {
    const command = new GetObjectCommand({ Bucket: 'none', Key: 'key' });

    await expect(client.send(command)).rejects.toBeInstanceOf(NoSuchBucket);
  });
});

describe('the server', () => {
  it('refuses a body over 5 MB in a way the client understands', async () => {
    const Body = new Uint8Array(5 * 1024 * 1024 + 1);

    await expect(put('big', Body)).rejects.toMatchObject({ name: 'RequestEntityTooLarge' });
  });

  it('names the operation it has not got', async () => {
    const response = await fetch(`${server.endpoint}/${Bucket}/key`, { method: 'POST' });

    expect(response.status).toBe(501);
    expect(await response.text()).toContain('POST /raw/key');
  });
});

describe('decodeAwsChunked', () => {
  it('reads signed chunks and ignores trailers', () => {
    const body = 'A;chunk-signature=0f\r\n0123456789\r\n0;chunk-signature=1e\r\nx-amz-a:b\r\n\r\n';

    expect(decodeAwsChunked(Buffer.from(body)).toString()).toBe('0123456789');
  });

  it.each(['', 'not chunked', '5\r\nabc', 'zz\r\nabc\r\n'])('refuses %j', (body) => {
    expect(() => decodeAwsChunked(Buffer.from(body))).toThrow('malformed');
  });
});

function put(Key: string, Body: string | Uint8Array) {
  return client.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function read(Key: string): Promise<Uint8Array | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToByteArray();
}
