import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import { unzipText } from '../calls/raw-record.ts';
import type { ObjectStore } from '../erasure/ports.ts';

/** The bucket of raw records, for who goes through it; functions only put there. */
export function s3Objects(client: S3Client, bucket: string): ObjectStore {
  return {
    keys: async function* (prefix) {
      let from: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: from }),
        );
        yield (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
        from = page.NextContinuationToken;
      } while (from);
    },
    read: async (key) => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return Body && unzipText(await Body.transformToByteArray());
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    remove: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}
