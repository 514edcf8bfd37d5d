/** One record under examination: its fields, its digests, and that its HTTP fits its body. */
import type { Hash } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import { type Digest, hashFor, parseDigest } from './digests.ts';
import { checkFields } from './field-rules.ts';
import type { Findings } from './findings.ts';
import {
  type HttpHead,
  isRequestLine,
  misfits,
  oddCoding,
  readHttpHead,
  statusOf,
} from './http-block.ts';
import type { CheckLimits } from './limits.ts';
import { Dechunker } from './payload.ts';
import {
  allFieldsOf,
  blockLength,
  fieldOf,
  type RecordHead,
  readBlock,
  readEnd,
  readHead,
} from './warc-record.ts';

export interface ExaminedRecord {
  head: RecordHead;
  type: string;
  id: string;
  target: string | null;
  concurrentTo: string[];
  http: HttpHead | null;
  status: number | null;
  /** WARC-Date as it stands; null where there is none. */
  date: string | null;
  /** Lower-case hex of the payload's SHA-256, as the record claims it; null where it claims none. */
  payloadSha256: string | null;
  bodySizeBytes: number;
  truncated: boolean;
  /** Content of a page list; null for other records. */
  pageInfo: Buffer | null;
}

/**
 * Reads one record to its end. Null at the end of the file.
 * @throws WarcError where the rest of the file can't be made sense of
 */
export async function examineRecord(
  reader: ByteReader,
  subjectOf: (head: RecordHead) => string,
  limits: CheckLimits,
  findings: Findings,
): Promise<ExaminedRecord | null> {
  const head = await readHead(reader, limits);
  if (head === null) return null;
  const subject = subjectOf(head);
  findings.examined('warc-form');
  findings.examined('warc-fields');
  checkFields(head, subject, findings);
  const length = blockLength(head);
  const block = new BlockDigest(head, 'warc-block-digest');
  const blockReader = new ByteReader(
    tapped(readBlock(reader, length), (chunk) => block.add(chunk)),
  );
  const made = await examineBlock(blockReader, head, length, subject, limits, findings);
  await readEnd(reader);
  block.compare('warc-block-digests', subject, findings);
  const target = fieldOf(head, 'warc-target-uri');
  return {
    head,
    type: fieldOf(head, 'warc-type') ?? '',
    id: fieldOf(head, 'warc-record-id') ?? '',
    target: target?.replace(/^<(.*)>$/, '$1') ?? null,
    concurrentTo: allFieldsOf(head, 'warc-concurrent-to'),
    date: fieldOf(head, 'warc-date'),
    payloadSha256: payloadSha256Of(head),
    truncated: fieldOf(head, 'warc-truncated') !== null,
    ...made,
  };
}

function payloadSha256Of(head: RecordHead): string | null {
  const claimed = parseDigest(fieldOf(head, 'warc-payload-digest') ?? '');
  return claimed?.algorithm === 'sha256' ? claimed.hex : null;
}

type ExaminedBlock = Pick<ExaminedRecord, 'http' | 'status' | 'bodySizeBytes' | 'pageInfo'>;

async function examineBlock(
  reader: ByteReader,
  head: RecordHead,
  length: number,
  subject: string,
  limits: CheckLimits,
  findings: Findings,
): Promise<ExaminedBlock> {
  const type = fieldOf(head, 'warc-type') ?? '';
  const target = (fieldOf(head, 'warc-target-uri') ?? '').replace(/^<(.*)>$/, '$1');
  // A revisit may come without the headers.
  const empty = type === 'revisit' && length === 0;
  const isHttp = !empty && /^application\/http\b/i.test(fieldOf(head, 'content-type') ?? '');
  if (type === 'response' || type === 'request') {
    findings.examined('warc-http');
    checkKind(head, type, target, isHttp, subject, findings);
  }
  const http = isHttp ? await readHttpHead(reader, length, limits) : null;
  const status = http === null ? null : statusOf(http);
  if (isHttp) checkFirstLine(http, status, type, subject, findings);
  const wanted = target.startsWith('urn:pageinfo:') && length <= limits.documentBytes;
  const body = await readBody(reader, head, http, wanted);
  if (http !== null && (type === 'response' || type === 'request')) {
    const truncated = fieldOf(head, 'warc-truncated') !== null;
    for (const message of misfits(http, status, { ...body, truncated })) {
      findings.fault('warc-http', subject, message);
    }
    const odd = type === 'response' ? oddCoding(http, { ...body, truncated }) : null;
    if (odd !== null) findings.note('warc-http', subject, odd);
  }
  // A revisit has no payload of its own: its digest is that of another record.
  if (type !== 'revisit') comparePayload(body, subject, findings);
  return { http, status, bodySizeBytes: body.sizeBytes, pageInfo: body.kept };
}

function checkKind(
  head: RecordHead,
  type: string,
  target: string,
  isHttp: boolean,
  subject: string,
  findings: Findings,
): void {
  if (target.startsWith('dns:')) return;
  const fault = (message: string) => findings.fault('warc-http', subject, message);
  if (!/^https?:/i.test(target)) fault(`a ${type} from ${target}: only HTTP has those`);
  const contentType = fieldOf(head, 'content-type') ?? '';
  if (!isHttp) fault(`a ${type} of type ${contentType || 'unknown'}, not application/http`);
  const msgtype = /;\s*msgtype="?(\w+)"?/i.exec(contentType)?.[1]?.toLowerCase();
  if (msgtype !== undefined && msgtype !== type) fault(`a ${type} that says msgtype=${msgtype}`);
}

function checkFirstLine(
  http: HttpHead | null,
  status: number | null,
  type: string,
  subject: string,
  findings: Findings,
): void {
  if (http === null) {
    findings.fault('warc-http', subject, 'the HTTP header block has no end');
    return;
  }
  http.faults.forEach((message) => {
    findings.note('warc-http', subject, `HTTP header: ${message}`);
  });
  const right = type === 'request' ? isRequestLine(http.firstLine) : status !== null;
  if (!right) {
    const line = JSON.stringify(http.firstLine.slice(0, 80));
    findings.fault('warc-http', subject, `the HTTP message does not begin as one: ${line}`);
  } else if (!/HTTP\/1\.[01]/.test(http.firstLine)) {
    findings.note('warc-http', subject, 'another protocol than HTTP/1 in the first line');
  }
}

interface Body {
  sizeBytes: number;
  start: Buffer;
  chunked: 'absent' | 'sound' | 'broken';
  kept: Buffer | null;
  asStored: BlockDigest;
  /** Without transfer coding. */
  plain: BlockDigest;
}

async function readBody(
  reader: ByteReader,
  head: RecordHead,
  http: HttpHead | null,
  keep: boolean,
): Promise<Body> {
  const asStored = new BlockDigest(head, 'warc-payload-digest');
  const plain = new BlockDigest(head, 'warc-payload-digest');
  const coding = http === null ? '' : (fieldOf(http, 'transfer-encoding') ?? '');
  const dechunker = /\bchunked\b/i.test(coding) ? new Dechunker() : null;
  const kept: Buffer[] = [];
  let start = Buffer.alloc(0);
  let sizeBytes = 0;
  for (;;) {
    const chunk = await reader.some(256 * 1024);
    if (chunk.byteLength === 0) break;
    sizeBytes += chunk.byteLength;
    if (start.byteLength < 16) start = Buffer.concat([start, chunk.subarray(0, 16)]);
    asStored.add(chunk);
    dechunker?.feed(chunk, (data) => plain.add(data));
    if (keep) kept.push(Buffer.from(chunk));
  }
  const chunked = dechunker === null ? 'absent' : dechunker.whole ? 'sound' : 'broken';
  return { sizeBytes, start, chunked, kept: keep ? Buffer.concat(kept) : null, asStored, plain };
}

function comparePayload(body: Body, subject: string, findings: Findings): void {
  if (body.chunked !== 'sound') {
    body.asStored.compare('warc-payload-digests', subject, findings);
  } else if (body.plain.matches()) {
    findings.examined('warc-payload-digests');
  } else if (body.asStored.matches()) {
    findings.examined('warc-payload-digests');
    const message = 'the payload digest is over the body with its transfer coding';
    findings.note('warc-payload-digests', subject, message);
  } else {
    body.plain.compare('warc-payload-digests', subject, findings);
  }
}

/** A digest that a record claims, and the bytes as they come. */
class BlockDigest {
  readonly #claimed: string | null;
  readonly #digest: Digest | null;
  readonly #hash: Hash | null;
  #made: string | null = null;

  constructor(head: RecordHead, field: string) {
    this.#claimed = fieldOf(head, field);
    this.#digest = this.#claimed === null ? null : parseDigest(this.#claimed);
    this.#hash = this.#digest === null ? null : hashFor(this.#digest);
  }

  add(chunk: Uint8Array): void {
    this.#hash?.update(chunk);
  }

  matches(): boolean {
    return this.#digest === null || this.#value() === this.#digest.hex;
  }

  compare(
    box: 'warc-block-digests' | 'warc-payload-digests',
    subject: string,
    findings: Findings,
  ): void {
    if (this.#claimed === null) return;
    if (this.#digest === null) {
      findings.note(box, subject, `a digest of an unknown kind: ${this.#claimed}`);
      return;
    }
    findings.examined(box);
    if (this.matches()) return;
    const message = `the bytes have ${this.#digest.algorithm}:${this.#value()}, the record says ${this.#claimed}`;
    findings.fault(box, subject, message);
  }

  #value(): string {
    this.#made ??= this.#hash?.digest('hex') ?? '';
    return this.#made;
  }
}

async function* tapped(
  chunks: AsyncIterable<Buffer>,
  look: (chunk: Buffer) => void,
): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    look(chunk);
    yield chunk;
  }
}
