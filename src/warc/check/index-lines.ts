/** Lines of an index, plain or in compressed blocks. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ByteReader } from './byte-reader.ts';
import { parseDigest } from './digests.ts';
import type { Findings } from './findings.ts';
import { GzipError, GzipMember } from './gzip-member.ts';
import type { Budget, CheckLimits } from './limits.ts';
import type { StoredBytes, ZipEntry } from './zip.ts';

export interface IndexLine {
  /** File and number: `indexes/index.cdxj:12`. */
  subject: string;
  bytes: Buffer;
}

/** Without line ends; empty ones are left out. */
export async function* linesOf(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  limits: CheckLimits,
): AsyncIterable<IndexLine> {
  const reader = new ByteReader(chunks);
  try {
    for (let number = 1; !(await reader.atEnd()); number += 1) {
      const line = (await reader.until('\n', limits.documentBytes)) ?? (await rest(reader));
      const bytes = line.at(-1) === 10 ? line.subarray(0, line.at(-2) === 13 ? -2 : -1) : line;
      if (bytes.byteLength > 0) yield { subject: `${path}:${number}`, bytes };
    }
  } finally {
    await reader.close();
  }
}

async function rest(reader: ByteReader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  while (!(await reader.atEnd())) chunks.push(await reader.some(2 ** 20));
  return Buffer.concat(chunks);
}

/** The members of a compressed file one after another. */
export async function* inflated(bytes: StoredBytes, budget: Budget): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes.sizeBytes; ) {
    const member = new GzipMember(bytes, offset, budget);
    yield* member.content();
    if (member.end === null) throw new GzipError('the member has no end');
    offset = member.end;
  }
}

const meta = z.object({ format: z.literal('cdxj-gzip-1.0'), filename: z.string() });
const block = z.object({
  offset: z.coerce.number().int().nonnegative(),
  length: z.coerce.number().int().positive(),
  digest: z.string().optional(),
  filename: z.string().optional(),
});

/** `index.idx`: where each block of the compressed index begins, and with which line. */
export async function checkBlocks(
  entry: ZipEntry,
  compressed: (name: string) => StoredBytes | null,
  limits: CheckLimits,
  budget: Budget,
  findings: Findings,
): Promise<void> {
  let filename = '';
  for await (const { subject, bytes } of linesOf(entry.path, entry.content(), limits)) {
    const fault = (message: string) => findings.fault('index-form', subject, message);
    const line = bytes.toString('utf8');
    const fields = jsonIn(line);
    findings.examined('index-form');
    if (filename === '') {
      const head = meta.safeParse(fields);
      if (!line.startsWith('!meta 0 ') || !head.success) {
        fault('the first line is not !meta 0 {"format":"cdxj-gzip-1.0","filename":…}');
        return;
      }
      filename = head.data.filename;
      continue;
    }
    const place = block.safeParse(fields);
    const source = compressed(place.data?.filename ?? filename);
    if (!place.success || source === null) {
      fault('it names no block of a compressed index that is there');
      continue;
    }
    const { offset, length, digest } = place.data;
    if (offset + length > source.sizeBytes) {
      fault('the block reaches beyond the end of the index');
      continue;
    }
    const claimed = digest === undefined ? null : parseDigest(digest);
    if (claimed?.algorithm === 'sha256') {
      const raw = await source.read(offset, Math.min(length, limits.documentBytes));
      budget.spend(raw.byteLength);
      if (createHash('sha256').update(raw).digest('hex') !== claimed.hex) {
        fault('the block has another digest');
      }
    }
    const key = line.slice(0, line.indexOf('{')).trim();
    const member = new GzipMember(source, offset, budget);
    let first: string | null = null;
    try {
      for await (const one of linesOf(subject, member.content(), limits)) {
        first ??= one.bytes.toString('utf8');
      }
    } catch (error) {
      if (!(error instanceof GzipError)) throw error;
      fault(`no block begins at ${offset} (${error.message})`);
      continue;
    }
    if (member.end !== offset + length) fault(`the block at ${offset} is not ${length} bytes long`);
    if (first?.startsWith(key) !== true) fault('the block begins with another line');
  }
  if (filename === '') findings.fault('index-form', entry.path, 'it is empty');
}

/** The JSON of a line, from its first brace; null when it is none. */
export function jsonIn(line: string): unknown {
  const start = line.indexOf('{');
  if (start < 0) return null;
  try {
    return JSON.parse(line.slice(start));
  } catch {
    return null;
  }
}
