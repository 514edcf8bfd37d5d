/** Writes what a step recorded as WARC files. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type AskedWith, type IndexEntry, indexLine, sortLines } from './cdxj.ts';
import type { RecordedBody, RecordedExchange } from './exchange.ts';
import { type ExchangeRecords, exchangeRecords, isCut } from './exchange-records.ts';
import { type GzipRecords, gzipRecords } from './gzip-records.ts';
import { type HeaderLine, uriValue, warcFields } from './header-lines.ts';
import { headerOf } from './http-head.ts';
import { largeWarcName, sizeOfLargeEntry } from './large-warc.ts';
import { mediaTypeOf, pageInfo } from './page-info.ts';
import {
  type LargeBody,
  type LargePart,
  largeBodyBytes,
  type WarcPart,
  type WarcPartFiles,
  type WarcResource,
  type WrittenPart,
} from './part.ts';
import {
  bodySize,
  digestBlock,
  idFrom,
  type RecordDigests,
  recordEnd,
  type WarcRecord,
  warcHeader,
} from './record.ts';
import { withholdingStatement } from './withheld.ts';

/** A request body beyond this is not read for the index: its key is cut long before. */
const longestIndexedBody = 1024 * 1024;

/**
 * Writes the part, its index and what belongs beside it. Bodies are read one at a time, large
 * ones through one buffer; memory holds the exchanges and index lines. Same input, same bytes.
 * @throws IntegrityError `body-differs` when a body's file is not what its digest says
 */
export async function writeWarcPart(
  part: WarcPart,
  files: WarcPartFiles,
  signal: AbortSignal,
): Promise<WrittenPart> {
  await using small = await gzipRecords(files.warc);
  await small.write(warcinfo(part, `${part.step}.warc.gz`), signal);
  const large = new LargeRecords(part);
  const writer = new PartWriter(part, small, large, signal);
  const withheld: WarcRecord[] = [];
  const recorded = new Set<string>();
  for (const exchange of part.exchanges) {
    const records = exchangeRecords(exchange, part.withhold);
    if (records === null) continue;
    recorded.add(exchange.id);
    await writer.writeExchange(exchange, records);
    withheld.push(...records.withheld);
  }
  for (const resource of part.resources) await writer.writeResource(resource);
  for (const info of pageInfos(part, recorded)) await writer.writeResource(info);
  const lines = sortLines(writer.lines);
  await writeFile(files.index, lines.map((line) => `${line}\n`).join(''), { flag: 'wx' });
  if (large.count > 0) await writeFile(files.large, large.text(), { flag: 'wx' });
  if (withheld.length > 0) await writeRestricted(part, files.restricted, withheld, signal);
  return {
    files,
    records: small.records + large.count,
    largeBodies: writer.largeBodies,
    hasLarge: large.count > 0,
    hasRestricted: withheld.length > 0,
  };
}

/** Puts each record where its size belongs, and notes what the index says of it. */
class PartWriter {
  readonly lines: string[] = [];
  readonly largeBodies: LargeBody[] = [];
  readonly #part: WarcPart;
  readonly #small: GzipRecords;
  readonly #large: LargeRecords;
  readonly #signal: AbortSignal;

  constructor(part: WarcPart, small: GzipRecords, large: LargeRecords, signal: AbortSignal) {
    this.#part = part;
    this.#small = small;
    this.#large = large;
    this.#signal = signal;
  }

  async writeExchange(exchange: RecordedExchange, records: ExchangeRecords): Promise<void> {
    const { url, request, response } = exchange;
    const place = await this.#write(records.response);
    await this.#write(records.request);
    for (const message of [response, request]) {
      if (message?.body == null || !this.#isApart('response', message.body)) continue;
      this.largeBodies.push({ ...message.body, url, mediaType: mediaTypeOf(message.headers) });
    }
    // Replaying an empty stump would hide a whole answer of the same address.
    if (response === null || (response.body === null && isCut(exchange))) return;
    this.#index(records.response, {
      ...place,
      url: exchange.url,
      at: exchange.startedAt,
      mediaType: mediaTypeOf(response.headers),
      status: response.status,
      asked: exchange.method === 'GET' ? null : await askedWith(exchange),
    });
  }

  async writeResource(resource: Omit<WarcResource, 'body'> & { body: RecordedBody | Uint8Array }) {
    const record = resourceRecord(this.#part, resource);
    this.#index(record, {
      ...(await this.#write(record)),
      url: resource.target,
      at: resource.at,
      mediaType: resource.mediaType,
      status: 200,
      asked: null,
    });
  }

  async #write(record: WarcRecord) {
    const { body } = record;
    if (this.#isApart(record.type, body)) {
      const digests = await digestBlock(record, this.#signal);
      return { filename: largeWarcName, ...this.#large.add(record, body, digests) };
    }
    return {
      filename: `${this.#part.step}.warc.gz`,
      ...(await this.#small.write(record, this.#signal)),
    };
  }

  /** Whether the body stays in the vault: it is large, or an artifact that lies there anyway. */
  #isApart(type: WarcRecord['type'], body: WarcRecord['body']): body is RecordedBody {
    if (body === null || body instanceof Uint8Array) return false;
    return type === 'resource' || body.sizeBytes >= (this.#part.largeFromBytes ?? largeBodyBytes);
  }

  #index(record: WarcRecord, entry: Omit<IndexEntry, 'payloadSha256'>): void {
    const payload = record.fields.find(([name]) => name === 'WARC-Payload-Digest')?.[1] ?? '';
    this.lines.push(indexLine({ ...entry, payloadSha256: payload.replace('sha256:', '') }));
  }
}

/** Header blocks for the virtual `large.warc`, with offsets counted from the start of this part. */
class LargeRecords {
  readonly #part: LargePart;
  #sizeBytes: number;

  constructor(part: WarcPart) {
    const info = warcinfo(part, largeWarcName);
    this.#part = {
      schema: 'holdfast.large-warc/1',
      warcinfo: uncompressed(info),
      entries: [],
    };
    this.#sizeBytes = Buffer.byteLength(this.#part.warcinfo);
  }

  add(record: WarcRecord, body: RecordedBody, digests: RecordDigests) {
    const entry = {
      warcHeader: warcHeader(record, digests),
      httpHeader: record.httpHeader,
      bodySha256: body.sha256,
      bodySizeBytes: body.sizeBytes,
    };
    this.#part.entries.push(entry);
    const offset = this.#sizeBytes;
    const length = sizeOfLargeEntry(entry);
    this.#sizeBytes += length;
    return { offset, length, storedSha256: null };
  }

  get count(): number {
    return this.#part.entries.length;
  }

  text(): string {
    return `${JSON.stringify(this.#part, null, 1)}\n`;
  }
}

/** A small record as it stands in an uncompressed file. */
function uncompressed(record: WarcRecord): string {
  const text = record.body instanceof Uint8Array ? Buffer.from(record.body).toString('utf8') : '';
  const digests = {
    block: createHash('sha256').update(text).digest('hex'),
    blockSizeBytes: bodySize(record.body),
  };
  return warcHeader(record, digests) + text + recordEnd;
}

function warcinfo(part: WarcPart, fileName: string): WarcRecord {
  const fields: HeaderLine[] = [
    ['format', 'WARC File Format 1.1'],
    [
      'conformsTo',
      'http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/',
    ],
    ['isPartOf', `urn:uuid:${part.captureId}`],
    ...Object.entries(part.info),
  ];
  if (part.withhold) fields.push(['withheld', withholdingStatement]);
  return {
    type: 'warcinfo',
    id: idFrom(part.captureId, part.step, part.startedAt, fileName),
    fields: [
      ['WARC-Date', part.startedAt],
      ['WARC-Filename', fileName],
      ['Content-Type', 'application/warc-fields'],
    ],
    httpHeader: '',
    body: Buffer.from(warcFields(fields)),
  };
}

function resourceRecord(
  part: WarcPart,
  { target, mediaType, at, body }: Omit<WarcResource, 'body'> & { body: RecordedBody | Uint8Array },
): WarcRecord {
  if (!target.startsWith('urn:')) throw new TypeError(`not a urn: ${target}`);
  const sha256 =
    body instanceof Uint8Array ? createHash('sha256').update(body).digest('hex') : body.sha256;
  return {
    type: 'resource',
    id: idFrom(part.captureId, part.step, at, target, sha256),
    fields: [
      ['WARC-Date', at],
      ['WARC-Target-URI', uriValue(target)],
      ['WARC-Payload-Digest', `sha256:${sha256}`],
      ['Content-Type', mediaType],
    ],
    httpHeader: '',
    body,
  };
}

/** One list a page, and one a view that has no page of its own. */
function pageInfos(part: WarcPart, recorded: ReadonlySet<string>) {
  const infos = part.pages.map((page) => ({ page, target: `urn:pageinfo:${page.url}` }));
  const known = new Set(part.pages.map(({ view }) => view));
  const others = new Set(part.exchanges.map(({ view }) => view).filter((view) => !known.has(view)));
  for (const view of others) {
    const page = {
      view,
      url: `urn:holdfast:${part.step}:${view}`,
      startedAt: part.startedAt,
      title: null,
    };
    infos.push({ page, target: `urn:pageinfo:${page.url}` });
  }
  return infos.map(({ page, target }) => ({
    target,
    mediaType: 'application/json',
    at: page.startedAt,
    body: Buffer.from(
      pageInfo(
        page,
        part.exchanges.filter(({ view }) => view === page.view),
        recorded,
      ),
    ),
  }));
}

async function askedWith(exchange: RecordedExchange): Promise<AskedWith> {
  const { headers, body } = exchange.request;
  const readable = body !== null && body.sizeBytes <= longestIndexedBody;
  return {
    method: exchange.method,
    contentType: headerOf(headers, 'content-type'),
    body: readable ? await readFile(body.path) : new Uint8Array(),
  };
}

async function writeRestricted(
  part: WarcPart,
  path: string,
  withheld: WarcRecord[],
  signal: AbortSignal,
): Promise<void> {
  await using file = await gzipRecords(path);
  await file.write(
    warcinfo({ ...part, withhold: false }, `${part.step}.restricted.warc.gz`),
    signal,
  );
  for (const record of withheld) await file.write(record, signal);
}
