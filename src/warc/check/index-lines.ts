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

export interface BlockCheck {
  /** The bytes of a compressed index by its name; null where there is none. */
  compressed(name: string): StoredBytes | null;
  limits: CheckLimits;
  budget: Budget;
  findings: Findings;
}

/**
 * `index.idx`: where each block of the compressed index begins, and with which line. Replayers
 * look nowhere else, so whatever lies between its blocks would be there and never be shown.
 */
export async function checkBlocks(entry: ZipEntry, check: BlockCheck): Promise<void> {
  const { limits, findings } = check;
  let filename: string | null = null;
  const ends = new Map<string, number>();
  let before = '';
  for await (const { subject, bytes } of linesOf(entry.path, entry.content(), limits)) {
    const line = bytes.toString('utf8');
    findings.examined('index-form');
    if (filename === null) {
      const head = meta.safeParse(jsonIn(line));
      if (!line.startsWith('!meta 0 ') || !head.success) {
        const message = 'the first line is not !meta 0 {"format":"cdxj-gzip-1.0","filename":…}';
        findings.fault('index-form', subject, message);
        return;
      }
      filename = head.data.filename;
      ends.set(filename, 0);
      continue;
    }
    const key = line.slice(0, line.indexOf('{')).trim();
    findings.examined('index-order');
    if (Buffer.compare(Buffer.from(before), Buffer.from(key)) > 0) {
      findings.fault('index-order', subject, 'it should stand before the line above it');
    }
    before = key;
    const place = await checkBlock({ subject, line, key, filename }, check);
    if (place !== null) follow(place, ends, subject, findings);
  }
  if (filename === null) findings.fault('index-form', entry.path, 'it is empty');
  for (const [name, end] of ends) {
    const left = (check.compressed(name)?.sizeBytes ?? end) - end;
    if (left === 0) continue;
    findings.fault('index-whole', entry.path, `it leaves out the last ${left} bytes of ${name}`);
  }
}

interface BlockLine {
  subject: string;
  line: string;
  /** Key and time of the first line of its block. */
  key: string;
  /** Of the compressed index, where the line itself doesn't say. */
  filename: string;
}

interface BlockPlace {
  name: string;
  offset: number;
  length: number;
}

async function checkBlock(
  { subject, line, key, filename }: BlockLine,
  { compressed, limits, budget, findings }: BlockCheck,
): Promise<BlockPlace | null> {
  const fault = (message: string) => findings.fault('index-form', subject, message);
  const place = block.safeParse(jsonIn(line));
  const name = place.data?.filename ?? filename;
  const source = compressed(name);
  if (!place.success || source === null) {
    fault('it names no block of a compressed index that is there');
    return null;
  }
  const { offset, length, digest } = place.data;
  if (offset + length > source.sizeBytes) {
    fault('the block reaches beyond the end of the index');
    return null;
  }
  const claimed = digest === undefined ? null : parseDigest(digest);
  if (claimed?.algorithm === 'sha256') {
    const raw = await source.read(offset, Math.min(length, limits.documentBytes));
    budget.spend(raw.byteLength);
    if (createHash('sha256').update(raw).digest('hex') !== claimed.hex) {
      fault('the block has another digest');
    }
  }
  try {
    const { first, end } = await openBlock(subject, source, offset, limits, budget);
    if (end !== offset + length) fault(`the block at ${offset} is not ${length} bytes long`);
    if (first?.startsWith(key) !== true) fault('the block begins with another line');
  } catch (error) {
    if (!(error instanceof GzipError)) throw error;
    fault(`no block begins at ${offset} (${error.message})`);
    return null;
  }
  return { name, offset, length };
}

async function openBlock(
  subject: string,
  source: StoredBytes,
  offset: number,
  limits: CheckLimits,
  budget: Budget,
): Promise<{ first: string | null; end: number | null }> {
  const member = new GzipMember(source, offset, budget);
  let first: string | null = null;
  for await (const one of linesOf(subject, member.content(), limits)) {
    first ??= one.bytes.toString('utf8');
  }
  return { first, end: member.end };
}

/** Each block begins where the one before it ended, the first at the start. */
function follow(
  { name, offset, length }: BlockPlace,
  ends: Map<string, number>,
  subject: string,
  findings: Findings,
): void {
  const end = ends.get(name) ?? 0;
  findings.examined('index-whole');
  if (offset !== end) {
    const message = `the block begins at ${offset}, the one before it ended at ${end}`;
    findings.fault('index-whole', subject, message);
  }
  ends.set(name, offset + length);
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
