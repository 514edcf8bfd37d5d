/** What a site answers, and how it goes out: ranges, entity tags, faults, the log. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Delivery } from './faults.ts';

export interface SiteRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
  /** Instead of `body`: sent chunk by chunk, without a length. Must end when aborted. */
  stream?: (signal: AbortSignal) => AsyncIterable<Buffer | string>;
  /** Give it a strong entity tag and honour `Range` and `If-Range`. */
  ranges?: boolean;
  /** Send compressed to a client that takes gzip. */
  gzip?: boolean;
}

/** One request as it was answered: the ground truth for completeness. */
export interface ServedRequest {
  method: string;
  url: string;
  /** `null`: cut before any answer, or the answer is still going out. */
  status: number | null;
  /** Of the body bytes that were handed to the connection, as sent. */
  bodySha256: string;
  bodyBytes: number;
  /** Of the same body before compression; equals `bodySha256` where there was none or it was cut. */
  decodedSha256: string;
  userAgent: string | null;
  at: Date;
  /** What the small internet did on purpose: `dns`, `refused`, `tls`, `truncated` … */
  fault: string | null;
}

export function html(body: string, status = 200): Answer {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  return { status, headers, body, gzip: true };
}

export function json(value: unknown, status = 200): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(value), gzip: true };
}

export function redirect(location: string, status = 301): Answer {
  return { status, headers: { location }, body: '' };
}

/** Sends the answer, as the faults of the moment would have it, and says what went out. */
export async function send(
  request: SiteRequest,
  answer: Answer,
  response: ServerResponse,
  delivery: Delivery,
): Promise<Pick<ServedRequest, 'status' | 'bodySha256' | 'bodyBytes' | 'decodedSha256'>> {
  const sent = answer.stream
    ? null
    : compressed(request, answer, ranged(request, answer, delivery));
  const status = sent?.status ?? answer.status;
  response.writeHead(status, {
    date: new Date().toUTCString(),
    ...answer.headers,
    ...sent?.headers,
  });
  const bodyless = request.method === 'HEAD' || [204, 304].includes(status);
  const pieces = sent ? delivery.pieces(sent.body) : interruptible(answer, response);
  const wire = createHash('sha256');
  let bodyBytes = 0;
  if (!bodyless) {
    for await (const piece of pieces) {
      if (response.destroyed) break;
      const bytes = asBuffer(piece);
      wire.update(bytes);
      bodyBytes += bytes.length;
      await flushed(response, bytes);
    }
  }
  if (delivery.cutsAfter !== null && !bodyless) response.destroy();
  else response.end();
  const bodySha256 = wire.digest('hex');
  const whole = sent?.encoded && bodyBytes === sent.body.length;
  const decodedSha256 = whole ? sha256(asBuffer(answer.body ?? '')) : bodySha256;
  return { status, bodySha256, bodyBytes, decodedSha256 };
}

interface Sent {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  encoded: boolean;
}

function ranged(request: SiteRequest, answer: Answer, delivery: Delivery): Sent {
  const body = asBuffer(answer.body ?? '');
  const length = { 'content-length': String(body.length) };
  if (!answer.ranges) return { status: answer.status, headers: length, body, encoded: false };
  const etag = delivery.etag(body);
  const headers: Record<string, string> = { ...length, 'accept-ranges': 'bytes' };
  if (etag !== null) headers.etag = etag;
  if (etag !== null && request.headers['if-none-match'] === etag) {
    return { status: 304, headers: { etag }, body: Buffer.alloc(0), encoded: false };
  }
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  if (!range || answer.status !== 200 || (condition !== undefined && condition !== etag)) {
    return { status: answer.status, headers, body, encoded: false };
  }
  return sliced(body, range[1] ?? '', range[2] ?? '', headers);
}

/** RFC 9110 section 14: one range, first-last or the last n bytes. */
function sliced(body: Buffer, first: string, last: string, headers: Record<string, string>): Sent {
  const start = first === '' ? Math.max(0, body.length - Number(last)) : Number(first);
  const end =
    first === '' || last === '' ? body.length - 1 : Math.min(Number(last), body.length - 1);
  if (start > end || start >= body.length) {
    const refused = { 'content-range': `bytes */${body.length}`, 'content-length': '0' };
    return { status: 416, headers: refused, body: Buffer.alloc(0), encoded: false };
  }
  const part = body.subarray(start, end + 1);
  const partHeaders = {
    ...headers,
    'content-length': String(part.length),
    'content-range': `bytes ${start}-${end}/${body.length}`,
  };
  return { status: 206, headers: partHeaders, body: part, encoded: false };
}

function compressed(request: SiteRequest, answer: Answer, sent: Sent): Sent {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (!answer.gzip || !takesGzip || sent.body.length === 0) return sent;
  const body = gzipSync(sent.body);
  const headers = {
    ...sent.headers,
    'content-length': String(body.length),
    'content-encoding': 'gzip',
    vary: 'accept-encoding',
  };
  return { ...sent, headers, body, encoded: true };
}

async function* interruptible(answer: Answer, response: ServerResponse) {
  const stop = new AbortController();
  response.once('close', () => stop.abort());
  try {
    if (answer.stream) yield* answer.stream(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

/** Resolves when the bytes have left, or never will. */
function flushed(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const gone = () => resolve();
    response.once('close', gone);
    response.write(bytes, () => {
      response.off('close', gone);
      resolve();
    });
  });
}

function asBuffer(bytes: Buffer | string): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
