/** The index of a package, line by line: each is opened at the place that it names. */
import { z } from 'zod';
import { ByteReader } from './byte-reader.ts';
import { hashFor, parseDigest } from './digests.ts';
import type { Findings } from './findings.ts';
import { GzipError, GzipMember } from './gzip-member.ts';
import { readHttpHead, statusOf } from './http-block.ts';
import { type IndexLine, jsonIn } from './index-lines.ts';
import { type Budget, type CheckLimits, OverLimit } from './limits.ts';
import type { PackageFacts, Place } from './package-facts.ts';
import { blockLength, fieldOf, type RecordHead, readHead, WarcError } from './warc-record.ts';
import { inOrder, type StoredBytes } from './zip.ts';

const number = z
  .union([z.number(), z.string().regex(/^\d+$/)])
  .transform(Number)
  .pipe(z.number().int().nonnegative());

const fieldsOfLine = z.object({
  url: z.string().min(1),
  filename: z.string().min(1),
  offset: number,
  length: number,
  digest: z.string().nullish(),
  mime: z.string().nullish(),
  status: z.union([z.number(), z.string()]).nullish(),
  recordDigest: z.string().nullish(),
});

type LineFields = z.infer<typeof fieldsOfLine>;

export interface IndexCheck {
  archives: Map<string, StoredBytes>;
  limits: CheckLimits;
  budget: Budget;
  facts: PackageFacts;
  findings: Findings;
  signal: AbortSignal;
}

/**
 * @param times by address of every page: takes when the index says that a record of it was made,
 * in milliseconds since 1970
 */
export async function checkIndex(
  lines: AsyncIterable<IndexLine>,
  times: ReadonlyMap<string, number[]>,
  check: IndexCheck,
): Promise<void> {
  const { findings, signal } = check;
  let before: Buffer | null = null;
  for await (const { subject, bytes } of lines) {
    signal.throwIfAborted();
    findings.examined('index-form');
    findings.examined('index-order');
    const text = bytes.toString('utf8');
    const key = sortKey(bytes);
    if (before !== null && Buffer.compare(before, key) > 0) {
      findings.fault('index-order', subject, 'it should stand before the line above it');
    }
    before = key;
    const parsed = fieldsOfLine.safeParse(jsonIn(text));
    const match = /^(\S+) (\d{14}|\d{17}) \{/.exec(text);
    if (match === null || !parsed.success) {
      const why = parsed.success ? 'it is not: key, 14 or 17 digits, JSON' : missing(parsed.error);
      findings.fault('index-form', subject, why);
      continue;
    }
    const [, surt = '', time = ''] = match;
    checkForm(subject, surt, parsed.data, findings);
    times.get(parsed.data.url)?.push(momentOf(time));
    await openPlace(subject, time, parsed.data, check);
  }
}

/** `20260304050607089` → milliseconds since 1970. */
function momentOf(digits: string): number {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?$/.exec(digits) ?? [];
  const [year, month, day, hour, minute, second, ms] = parts.map((part) => Number(part ?? 0));
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms);
}

/** Every answer that can be replayed must be found by somebody who asks the index. */
export function checkIndexed({ facts, findings }: Pick<IndexCheck, 'facts' | 'findings'>): void {
  for (const [path, offset, { mustBeIndexed, indexed }] of facts.places()) {
    if (!mustBeIndexed) continue;
    findings.examined('index-whole');
    if (!indexed) findings.fault('index-whole', `${path}@${offset}`, 'no index line leads to it');
  }
}

/** What a binary search compares: key and time. */
function sortKey(line: Buffer): Buffer {
  const brace = line.indexOf(' {');
  return brace < 0 ? line : line.subarray(0, brace);
}

function missing(error: z.ZodError): string {
  const names = error.issues.map(({ path }) => path.join('.') || 'the JSON itself');
  return `missing or malformed: ${[...new Set(names)].join(', ')}`;
}

function checkForm(subject: string, surt: string, fields: LineFields, findings: Findings): void {
  if (!fields.digest) findings.fault('index-form', subject, 'missing or malformed: digest');
  const unusual = ['mime', 'status'].filter((name) => !fields[name as 'mime' | 'status']);
  if (unusual.length > 0) findings.note('index-form', subject, `no ${unusual.join(', no ')}`);
  if (!fitsKey(surt, fields.url)) {
    findings.fault(
      'index-form',
      subject,
      `the key ${surt.slice(0, 100)} is not that of ${fields.url}`,
    );
  }
}

/** Host names stand in keys from their end; what comes behind them, makers write in several ways. */
function fitsKey(surt: string, address: string): boolean {
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return true;
  const { hostname, port } = new URL(address);
  const name = hostname.replace(/^www\d*\./, '');
  const forms = [name, name.split('.').reverse().join(',')];
  const ports = port === '' ? ['', ':80', ':443'] : [`:${port}`];
  return forms.some((form) => ports.some((one) => surt.toLowerCase().startsWith(`${form}${one})`)));
}

async function openPlace(
  subject: string,
  time: string,
  fields: LineFields,
  check: IndexCheck,
): Promise<void> {
  const { archives, facts, findings } = check;
  const fault = (message: string) => findings.fault('index-places', subject, message);
  findings.examined('index-places');
  const path = fields.filename.startsWith('archive/')
    ? fields.filename
    : `archive/${fields.filename}`;
  const bytes = archives.get(path);
  if (bytes === undefined) {
    fault(`there is no ${path}`);
    return;
  }
  const { offset, length } = fields;
  if (offset + length > bytes.sizeBytes) {
    fault('it leads beyond the end of the archive');
    return;
  }
  const place = facts.placeAt(path, offset);
  if (place === null) {
    // Whatever lies there, inside another record or behind the last, was not examined.
    fault(`no record begins at ${offset}`);
    return;
  }
  // The archive itself was read once: what more lines for one record make us read is counted.
  if (place.indexed) check.budget.spend(length);
  place.indexed = true;
  if (!fits(length, place)) {
    fault(`the record at ${offset} is ${place.length} bytes long, not ${length}`);
    return;
  }
  try {
    const record = await openRecord(bytes, offset, length, check);
    if (record === null) fault(`nothing is at ${offset}`);
    else compare(record, time, fields, fault, findings, subject);
    await compareStored(bytes, fields, record, fault);
  } catch (error) {
    const known = [GzipError, WarcError].some((kind) => error instanceof kind);
    if (!known && !(error instanceof OverLimit)) throw error;
    fault(`no record begins at ${offset} (${(error as Error).message})`);
  }
}

interface OpenedRecord {
  head: RecordHead;
  status: number | null;
}

/** Only as far as its headers: what follows them was read when the archive was. */
async function openRecord(
  bytes: StoredBytes,
  offset: number,
  length: number,
  { limits, budget }: IndexCheck,
): Promise<OpenedRecord | null> {
  const gzipped = (await bytes.read(offset, 2)).equals(Buffer.from([0x1f, 0x8b]));
  const region = regionOf(bytes, offset, length);
  const content = gzipped ? new GzipMember(region, 0, budget).content() : inOrder(region);
  const reader = new ByteReader(content);
  try {
    const head = await readHead(reader, limits);
    if (head === null) return null;
    const isHttp = /^application\/http\b/i.test(fieldOf(head, 'content-type') ?? '');
    const http = isHttp ? await readHttpHead(reader, blockLength(head), limits) : null;
    return { head, status: http === null ? null : statusOf(http) };
  } finally {
    await reader.close();
  }
}

function regionOf(bytes: StoredBytes, offset: number, length: number): StoredBytes {
  return {
    sizeBytes: length,
    read: (from, count) => bytes.read(offset + from, Math.min(count, length - from)),
  };
}

function compare(
  { head, status }: OpenedRecord,
  time: string,
  fields: LineFields,
  fault: (message: string) => void,
  findings: Findings,
  subject: string,
): void {
  const target = fieldOf(head, 'warc-target-uri')?.replace(/^<(.*)>$/, '$1');
  if (target !== fields.url) fault(`the record there is of ${target}, not of ${fields.url}`);
  const date = (fieldOf(head, 'warc-date') ?? '').replace(/\D/g, '').padEnd(17, '0');
  if (date.slice(0, time.length) !== time) fault(`the record there is of ${date}, not of ${time}`);
  if (status !== null && fields.status && Number(fields.status) !== status) {
    fault(`the record there has status ${status}, not ${fields.status}`);
  }
  const payload = fieldOf(head, 'warc-payload-digest');
  if (payload !== null && fields.digest && !sameDigest(payload, fields.digest)) {
    fault(`the record there has payload digest ${payload}, not ${fields.digest}`);
  }
  if (fieldOf(head, 'warc-type') === 'request') {
    findings.note('index-places', subject, 'it leads to a request');
  }
}

/** Some makers count the two line ends behind an uncompressed record, some don't. */
function fits(length: number, place: Place): boolean {
  return length === place.length || (!place.compressed && length === place.length - 4);
}

/** `recordDigest` is over the record as it is stored; some makers put the digest of its block there. */
async function compareStored(
  bytes: StoredBytes,
  { offset, length, recordDigest }: LineFields,
  record: OpenedRecord | null,
  fault: (message: string) => void,
): Promise<void> {
  const claimed = recordDigest ? parseDigest(recordDigest) : null;
  if (claimed === null) return;
  const block = record === null ? null : fieldOf(record.head, 'warc-block-digest');
  if (block !== null && parseDigest(block)?.hex === claimed.hex) return;
  const hash = hashFor(claimed);
  for await (const chunk of inOrder(regionOf(bytes, offset, length))) hash.update(chunk);
  const found = hash.digest('hex');
  if (found !== claimed.hex)
    fault(`the bytes there have ${claimed.algorithm}:${found}, not ${recordDigest}`);
}

/** Spelled alike, without the label, or by another label: makers differ. */
function sameDigest(one: string, other: string): boolean {
  const bare = (text: string) => text.slice(text.indexOf(':') + 1).toLowerCase();
  if (bare(one) === bare(other)) return true;
  const [first, second] = [parseDigest(one), parseDigest(other)];
  if (first === null || second === null) return false;
  // Digests by different algorithms can't be compared, and need not be the same.
  return first.algorithm !== second.algorithm || first.hex === second.hex;
}
