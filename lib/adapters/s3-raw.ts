import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { RawBucket } from '../calls/raw-record.ts';
import { CLIENT_OPTIONS } from './aws-clients.ts';
import type { ReadObject } from './dynamo-records.ts';

/** The bucket of raw records that are too large to lie beside their call. */
export function s3RawBucket(
  bucket: string,
  // Path style works for every bucket name and every endpoint, loopback included.
  client = new S3Client({ ...CLIENT_OPTIONS, forcePathStyle: true }),
): RawBucket {
  return {
    put: async (key, gzipped) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: gzipped,
          ContentType: 'application/json',
          ContentEncoding: 'gzip',
        }),
      );
    },
  };
}

/** Reads the same bucket. Apart from it: no function that writes there may read. */
export const s3ReadObject =
  (bucket: string, client: S3Client): ReadObject =>
  async (key) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };
