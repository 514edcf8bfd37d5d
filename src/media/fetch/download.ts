/**
 * One file from one address into the vault: hashed while it arrives, taken up again where
 * it broke off if the server vouches that it is still the same file, else from the start.
 */
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { bufferSweeper } from '../../base/collect-garbage.ts';
import { HoldfastError, PermanentError, TransientError } from '../../base/errors.ts';
import type { HttpClient, HttpResponse } from '../../egress/client.ts';
import type { RedirectHop } from '../../egress/redirects.ts';
import type { RecordedFile } from '../../model/plan.ts';
import type { StoredObject, Vault } from '../../vault/vault.ts';
import { headerOf, type Opened, openMedia, type RequestLimits } from './exchange.ts';
import { type Sniffed, sniff, sniffBytes } from './sniff.ts';

export interface DownloadDeps {
  client: HttpClient;
  vault: Pick<Vault, 'put'>;
}

export interface DownloadOptions {
  maxBytes: number;
  idleTimeoutMs: number;
  /** Wait before the second attempt; grows with each. */
  retryDelayMs: number;
  /** Only this part of the file. */
  range?: { start: number; length: number } | null;
  asPage?: RequestLimits['asPage'];
  /** Throws for what is not wanted; called before anything is kept. */
  accept: (found: Sniffed) => void;
  onBytes?: (doneBytes: number, totalBytes: number | null) => void;
}

/** How the bytes came; goes into the record. */
export interface Downloaded extends StoredObject {
  sniffed: Sniffed;
  /** After redirects. */
  url: string;
  status: number;
  headers: [name: string, value: string][];
  remoteAddress: string | null;
  hops: RedirectHop[];
  /** What the server said the file's length is; `null`: it didn't, so a cut may go unseen. */
  declaredBytes: number | null;
  /** Taken up again here, because this validator still agreed. */
  resumed: { atBytes: number; validator: string; after: string }[];
  /** Begun again, and why. */
  restarted: string[];
  /** In the WARC of the page that was given the file; `null`: our own client asked, and its journal tells. */
  exchange: RecordedFile['exchange'];
}

const attempts = 4;
/** A file that breaks off is given up after so many attempts in a row that got no farther. */
const mostFruitless = 2;
/** Each brought something new, and there is still no end. */
const mostResumes = 32;
const chunksAhead = 16;

/** How far any attempt got, and how many since then in a row got no farther. */
interface Reach {
  bytes: number;
  fruitless: number;
}

/**
 * @throws PermanentError and TransientError as `openMedia`; PermanentError `truncated` for what
 *   always breaks off; `empty-file`, `too-large`, `not-media` and what `accept` throws;
 *   ThrottledError; StorageError
 */
export async function download(
  deps: DownloadDeps,
  url: string,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<Downloaded> {
  const restarted: string[] = [];
  const reach: Reach = { bytes: 0, fruitless: 0 };
  for (;;) {
    try {
      const once = await downloadOnce(deps, url, { options, reach }, signal);
      return { ...once, restarted, exchange: null };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError) || restarted.length + 1 >= attempts) throw error;
      restarted.push(error.code);
      await wait(options.retryDelayMs * restarted.length, undefined, { signal });
    }
  }
}

type Once = Omit<Downloaded, 'restarted' | 'exchange'>;

async function downloadOnce(
  deps: DownloadDeps,
  url: string,
  { options, reach }: Pick<Course, 'options' | 'reach'>,
  signal: AbortSignal,
): Promise<Once> {
  const { idleTimeoutMs, asPage } = options;
  const limits = { client: deps.client, signal, idleTimeoutMs, asPage };
  const part = options.range ?? null;
  const first = await openMedia(url, part === null ? {} : { range: rangeHeader(part) }, limits);
  const { response, hops } = first;
  const declaredBytes = declaredLength(response);
  if (part !== null) refuseOtherPart(response, part);
  const resumed: Downloaded['resumed'] = [];
  const body = wholeBody(first, { limits, options, reach, resumed });
  try {
    if (declaredBytes !== null && declaredBytes > options.maxBytes) throw tooLarge(url, options);
    const { head, rest } = await peeked(body);
    if (head.length === 0) throw new PermanentError('empty-file', `${url} is an empty file`);
    const sniffed = await sniff(head);
    options.accept(sniffed);
    // Chunks as objects: a byte stream would join them, and every byte be allocated twice.
    const bytes = Readable.from(rest, { objectMode: true, highWaterMark: chunksAhead });
    const stored = await deps.vault.put(bytes, {
      maxBytes: options.maxBytes,
      signal,
      onBytes: (done) => options.onBytes?.(done, declaredBytes),
    });
    const { status, headers, remoteAddress } = response;
    return {
      ...stored,
      sniffed,
      url: response.url,
      status,
      headers,
      remoteAddress,
      hops,
      declaredBytes,
      resumed,
    };
  } finally {
    response.body.destroy();
    await body.return();
  }
}

function rangeHeader({ start, length }: { start: number; length: number }): string {
  return `bytes=${start}-${start + length - 1}`;
}

/** A server that ignores ranges sends the whole file with status 200. */
function refuseOtherPart(
  response: HttpResponse,
  { start, length }: { start: number; length: number },
) {
  const range = headerOf(response, 'content-range') ?? '';
  if (response.status === 206 && range.startsWith(`bytes ${start}-${start + length - 1}/`)) return;
  response.body.destroy();
  throw new PermanentError(
    'range-refused',
    `${response.url} does not send the part that was asked for`,
  );
}

interface Course {
  limits: RequestLimits;
  options: DownloadOptions;
  reach: Reach;
  resumed: Downloaded['resumed'];
}

/** The body of the file, across as many connections as it takes. */
async function* wholeBody(first: Opened, course: Course): AsyncGenerator<Buffer, void> {
  const total = declaredLength(first.response);
  let current = first.response;
  const sweep = bufferSweeper();
  let received = 0;
  for (;;) {
    let broken: TransientError | null = null;
    try {
      for await (const chunk of current.body as AsyncIterable<Buffer>) {
        received += chunk.length;
        yield chunk;
        sweep(chunk.length);
      }
    } catch (error) {
      broken = breakOf(error, course);
    } finally {
      current.body.destroy();
    }
    if (total === null ? broken === null : received === total) return;
    // Cut off between two bytes, however that looked on the wire.
    if (broken === null || broken.code === 'reset') {
      const whole = total === null ? 'an unknown number of' : total;
      const message = `${current.url} broke off after ${received} of ${whole} bytes`;
      broken = new TransientError('truncated', message, { cause: broken });
    }
    refuseIfHopeless(course, received, broken);
    current = await takenUpAgain(first, received, broken, course);
  }
}

/** @throws PermanentError `truncated` when more attempts would only bring the same beginning again */
function refuseIfHopeless({ reach, resumed }: Course, received: number, broken: TransientError) {
  reach.fruitless = received > reach.bytes ? 0 : reach.fruitless + 1;
  reach.bytes = Math.max(reach.bytes, received);
  if (broken.code !== 'truncated') return;
  if (reach.fruitless < mostFruitless && resumed.length < mostResumes) return;
  throw new PermanentError('truncated', `${broken.message}, and always does`, { cause: broken });
}

/** @throws what is no broken connection: our own stop, a refused address */
function breakOf(error: unknown, { limits }: Course): TransientError {
  limits.signal.throwIfAborted();
  if (error instanceof HoldfastError && !(error instanceof TransientError)) throw error;
  if (error instanceof TransientError) return error;
  return new TransientError('reset', 'the connection broke', { cause: error });
}

/**
 * RFC 9110 sections 13.1.5 and 14.3: a range is only asked for under a validator that we
 * were given, and only believed when the answer carries the same one and starts where we stopped.
 * @throws TransientError (start again) where that can't be had
 */
async function takenUpAgain(
  first: Opened,
  received: number,
  broken: TransientError,
  { limits, options, reach, resumed }: Course,
): Promise<HttpResponse> {
  const validator = options.range ? null : validatorOf(first.response);
  if (validator === null || received === 0) throw broken;
  await wait(options.retryDelayMs * (reach.fruitless + 1), undefined, { signal: limits.signal });
  const headers = { range: `bytes=${received}-`, 'if-range': validator };
  const { response } = await openMedia(first.response.url, headers, limits).catch((error) => {
    // The range was refused, not the file.
    throw error instanceof PermanentError && error.code === 'range-refused' ? broken : error;
  });
  if (!continues(response, received, validator, declaredLength(first.response))) {
    response.body.destroy();
    throw new TransientError(
      'changed-underway',
      `${response.url} changed after the download was interrupted`,
    );
  }
  resumed.push({ atBytes: received, validator, after: broken.code });
  return response;
}

function continues(
  response: HttpResponse,
  received: number,
  validator: string,
  total: number | null,
): boolean {
  if (response.status !== 206 || validatorOf(response) !== validator) return false;
  const [, start, whole] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerOf(response, 'content-range') ?? '') ?? [];
  if (Number(start) !== received) return false;
  return total === null || whole === '*' || Number(whole) === total;
}

/** A strong ETag, else the date: a weak ETag promises no equal bytes. */
function validatorOf(response: HttpResponse): string | null {
  const tag = headerOf(response, 'etag');
  if (tag?.startsWith('"')) return tag;
  return headerOf(response, 'last-modified');
}

export function declaredLength(response: Pick<HttpResponse, 'headers'>): number | null {
  const text = headerOf(response, 'content-length');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

function tooLarge(url: string, { maxBytes }: DownloadOptions): PermanentError {
  return new PermanentError('too-large', `${url} is over ${maxBytes} bytes`);
}

/** The first bytes, and all of it. */
async function peeked(
  body: AsyncGenerator<Buffer, void>,
): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < sniffBytes) {
    const { done, value } = await body.next();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  async function* all() {
    yield* chunks.splice(0);
    yield* body;
  }
  return { head: Buffer.concat(chunks).subarray(0, sniffBytes), rest: all() };
}
