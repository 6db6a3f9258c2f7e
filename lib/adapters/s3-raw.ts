import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { RawBucket } from '../calls/raw-record.ts';
import { CLIENT_OPTIONS } from './aws-clients.ts';

/** The bucket of raw records that are too large to lie beside their call. */
export function s3RawBucket(bucket: string): RawBucket {
  // Path style works for every bucket name and every endpoint, loopback included.
  const client = new S3Client({ ...CLIENT_OPTIONS, forcePathStyle: true });
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
