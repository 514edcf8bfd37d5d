/** One WARC record in the making: its named fields and its block, whose body may lie in a file. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { IntegrityError } from '../base/errors.ts';
import type { RecordedBody } from './exchange.ts';
import { type HeaderLine, headerBlock } from './header-lines.ts';

export interface WarcRecord {
  type: 'warcinfo' | 'response' | 'request' | 'resource' | 'metadata';
  /** UUID. */
  id: string;
  /** Everything but type, id, lengths and block digest, in order. */
  fields: HeaderLine[];
  /** HTTP header block; empty where the block is the body alone. */
  httpHeader: string;
  body: RecordedBody | Uint8Array | null;
}

export interface RecordDigests {
  /** Of the whole block, lower-case hex. */
  block: string;
  blockSizeBytes: number;
}

/** `WARC/1.1` to the empty line. */
export function warcHeader(record: WarcRecord, { block, blockSizeBytes }: RecordDigests): string {
  return headerBlock('WARC/1.1', [
    ['WARC-Type', record.type],
    ['WARC-Record-ID', urn(record.id)],
    ...record.fields,
    ['WARC-Block-Digest', `sha256:${block}`],
    ['Content-Length', String(blockSizeBytes)],
  ]);
}

/** What follows every block. */
export const recordEnd = '\r\n\r\n';

export function urn(id: string): string {
  return `<urn:uuid:${id}>`;
}

/** The same words give the same id: UUID version 8 (RFC 9562) from their SHA-256. */
export function idFrom(...words: string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function bodySize(body: WarcRecord['body']): number {
  if (body === null) return 0;
  return body instanceof Uint8Array ? body.byteLength : body.sizeBytes;
}

/** The whole block in memory: for records below the size from which bodies stay in the vault. */
export async function wholeBlock(record: WarcRecord, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [Buffer.from(record.httpHeader)];
  await overBody(record, signal, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}

/** Hashes header and body without holding them. */
export async function digestBlock(record: WarcRecord, signal: AbortSignal): Promise<RecordDigests> {
  const hash = createHash('sha256').update(record.httpHeader);
  let blockSizeBytes = Buffer.byteLength(record.httpHeader);
  await overBody(record, signal, (chunk) => {
    hash.update(chunk);
    blockSizeBytes += chunk.byteLength;
  });
  return { block: hash.digest('hex'), blockSizeBytes };
}

/**
 * Reads the body through one buffer, and compares it with its digest at the end.
 * @throws IntegrityError `body-differs`
 */
async function overBody(
  { body }: WarcRecord,
  signal: AbortSignal,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  if (body === null) return;
  if (body instanceof Uint8Array) return onChunk(body);
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(Math.min(256 * 1024, Math.max(body.sizeBytes, 1)));
  await using file = await open(body.path, 'r');
  let position = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    // A file that grew must not fill memory before the digest shows it.
    if (position > body.sizeBytes) break;
    hash.update(buffer.subarray(0, bytesRead));
    onChunk(buffer.subarray(0, bytesRead));
  }
  if (position === body.sizeBytes && hash.digest('hex') === body.sha256) return;
  throw new IntegrityError(
    'body-differs',
    `a recorded body is not what it was when it was written (SHA-256 ${body.sha256}, ${body.sizeBytes} bytes)`,
  );
}
