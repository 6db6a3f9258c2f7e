import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import type { ObjectService, ServiceContext } from './services.ts';
import { AwsError } from './services.ts';

/**
 * The few object operations the app uses, path-style, with bodies in SQLite:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html.
 * Of an object's headers its type, encoding and metadata are kept; conditions are not honoured.
 */

const MAX_KEYS = 1000;
/** What an object is that was put without a type. */
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';
const AWS_CHUNKED = 'aws-chunked';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS s3_objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    etag TEXT NOT NULL,
    modifiedAt INTEGER NOT NULL,
    headers TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
  ) STRICT;
`;

const headersSchema = z.record(z.string(), z.string());

type Request = Parameters<ObjectService['handle']>[0];
type Response = ReturnType<ObjectService['handle']>;

interface ObjectRow {
  readonly key: string;
  readonly etag: string;
  readonly modifiedAt: number;
  readonly size: number;
}

export function createObjectService({ db, now }: ServiceContext): ObjectService {
  db.exec(SCHEMA);
  const upsert = db.prepare('INSERT OR REPLACE INTO s3_objects VALUES (?, ?, ?, ?, ?, ?)');
  const select = db.prepare(
    'SELECT body, etag, modifiedAt, headers FROM s3_objects WHERE bucket = ? AND key = ?',
  );
  const remove = db.prepare('DELETE FROM s3_objects WHERE bucket = ? AND key = ?');
  const list = db.prepare(`
    SELECT key, etag, modifiedAt, length(body) AS size FROM s3_objects
    WHERE bucket = ? AND key > ? AND substr(key, 1, length(?)) = ? ORDER BY key LIMIT ?`);
  const buckets = new Set<string>();

  function putObject(bucket: string, key: string, { headers, body }: Request): Response {
    const isChunked = encodingsIn(headers).includes(AWS_CHUNKED);
    const content = isChunked ? decodeAwsChunked(body) : body;
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    upsert.run(bucket, key, content, etag, now(), JSON.stringify(keptHeaders(headers)));
    return { status: 200, headers: { etag } };
  }

  function getObject(bucket: string, key: string): Response {
    const row = select.get(bucket, key);
    if (row === undefined || !(row.body instanceof Uint8Array)) {
      throw s3Error('NoSuchKey', 'The specified key does not exist.', 404);
    }
    return {
      status: 200,
      headers: {
        etag: String(row.etag),
        'last-modified': new Date(Number(row.modifiedAt)).toUTCString(),
        'content-length': String(row.body.length),
        ...headersSchema.parse(JSON.parse(String(row.headers))),
      },
      body: Buffer.from(row.body),
    };
  }

  function listObjects(bucket: string, query: URLSearchParams): Response {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const limit = Math.min(Number(query.get('max-keys') ?? MAX_KEYS), MAX_KEYS);
    // One more than asked for tells whether there is more. The columns are those selected.
    const found = list.all(bucket, after, prefix, prefix, limit + 1) as unknown as ObjectRow[];
    const page = found.slice(0, limit);
    const isTruncated = found.length > limit;
    const elements = [
      element('Name', bucket),
      element('Prefix', prefix),
      element('KeyCount', page.length),
      element('MaxKeys', limit),
      element('IsTruncated', isTruncated),
      isTruncated ? element('NextContinuationToken', page.at(-1)?.key ?? '') : '',
      ...page.map(contents),
    ];
    return xml(200, `<ListBucketResult>${elements.join('')}</ListBucketResult>`);
  }

  function handle(request: Request): Response {
    const { method, path, query } = request;
    const { bucket, key } = parsePath(path);
    if (!buckets.has(bucket)) {
      throw s3Error('NoSuchBucket', 'The specified bucket does not exist.', 404);
    }
    if (key === '') {
      if (method === 'GET' && query.get('list-type') === '2') return listObjects(bucket, query);
    } else if (method === 'PUT') {
      return putObject(bucket, key, request);
    } else if (method === 'GET' || method === 'HEAD') {
      return getObject(bucket, key);
    } else if (method === 'DELETE') {
      remove.run(bucket, key);
      return { status: 204 };
    }
    throw s3Error('NotImplemented', `S3 has no such operation here: ${method} ${path}`, 501);
  }

  return {
    createBucket: (name) => void buckets.add(name),
    handle,
  };
}

/** An error as S3 words it. */
export function errorXml({ name, message, statusCode }: AwsError): Response {
  return xml(statusCode, `<Error>${element('Code', name)}${element('Message', message)}</Error>`);
}

/**
 * The content of a body sent as `aws-chunked`: chunks of `<hex size>[;extension]\r\n<bytes>\r\n`, an
 * empty last chunk, then trailing headers such as a checksum, which loopback has no use for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeAwsChunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let position = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', position);
    const [, size] = /^([\da-f]+)(;|$)/i.exec(body.toString('latin1', position, lineEnd)) ?? [];
    if (lineEnd === -1 || size === undefined) {
      throw s3Error('IncompleteBody', 'The aws-chunked body is malformed.', 400);
    }
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (end === start) return Buffer.concat(chunks);
    chunks.push(body.subarray(start, end));
    position = end + 2;
  }
}

/** The headers that are the object's own. The encoding of the transfer is not. */
function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {
    'content-type': headers['content-type'] ?? DEFAULT_CONTENT_TYPE,
  };
  const encodings = encodingsIn(headers).filter((encoding) => encoding !== AWS_CHUNKED);
  if (encodings.length > 0) kept['content-encoding'] = encodings.join(',');
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-') && typeof value === 'string') kept[name] = value;
  }
  return kept;
}

function encodingsIn({ 'content-encoding': encodings = '' }: IncomingHttpHeaders): string[] {
  return encodings
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '');
}

function parsePath(path: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  try {
    return { bucket, key: decodeURIComponent(key) };
  } catch {
    throw s3Error('InvalidURI', 'The path cannot be decoded.', 400);
  }
}

function s3Error(code: string, message: string, statusCode: number): AwsError {
  return new AwsError(code, message, { statusCode });
}

function contents({ key, etag, modifiedAt, size }: ObjectRow): string {
  const modified = element('LastModified', new Date(modifiedAt).toISOString());
  return `<Contents>${element('Key', key)}${modified}${element('ETag', etag)}${element('Size', size)}</Contents>`;
}

function element(name: string, content: string | number | boolean): string {
  const escaped = String(content).replace(/[&<>"\r\n\t]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<${name}>${escaped}</${name}>`;
}

function xml(status: number, root: string): Response {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${root}`,
  };
}
