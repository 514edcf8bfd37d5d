/** Writes down every exchange that a client has: both heads, times, and the digest of each body as it passes. */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { errorCode } from '../base/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './client.ts';

export type Header = [name: string, value: string];

/** One exchange, in the form in which it may be kept as JSON. */
export interface JournalEntry {
  /** UUID. */
  id: string;
  method: string;
  url: string;
  /** UTC, ISO 8601; the end is null while a body is under way. */
  startedAt: string;
  finishedAt: string | null;
  /** As sent, but for `Connection`. Where nothing was sent, as they were to be. */
  requestHeaders: Header[];
  /** In base 64. */
  requestBody: string | null;
  response: JournalledResponse | null;
  /** Why no response came, or why its body broke off: the code of the error. */
  failure: string | null;
}

export interface JournalledResponse {
  status: number;
  headers: Header[];
  remoteAddress: string | null;
  tls: string | null;
  /** Of the bytes that came. */
  bodySha256: string;
  bodyBytes: number;
  /** Whether the body was read to its end. */
  whole: boolean;
  /** The body itself where it is small, in base 64: not everybody keeps what they read. */
  smallBody: string | null;
}

export interface Journal {
  client: HttpClient;
  /** In the order in which they began. */
  entries: JournalEntry[];
}

/** Bodies up to this size are kept in the journal itself. */
const smallBytes = 64 * 1024;

export function journalled(inner: HttpClient): Journal {
  const entries: JournalEntry[] = [];
  const client: HttpClient = {
    async request(asked) {
      const entry = begun(asked);
      entries.push(entry);
      const body = bodyWatch();
      try {
        const response = await inner.request({ ...asked, onBytes: body.take });
        entry.requestHeaders = response.sentHeaders;
        followBody(entry, response, body);
        return response;
      } catch (error) {
        Object.assign(entry, { failure: errorCode(error), finishedAt: now() });
        throw error;
      }
    },
  };
  return { client, entries };
}

function begun(asked: HttpRequest): JournalEntry {
  return {
    id: randomUUID(),
    method: asked.method ?? 'GET',
    url: asked.url,
    startedAt: now(),
    finishedAt: null,
    requestHeaders: Object.entries(asked.headers ?? {}),
    requestBody: asked.body === undefined ? null : Buffer.from(asked.body).toString('base64'),
    response: null,
    failure: null,
  };
}

function followBody(entry: JournalEntry, response: HttpResponse, body: BodyWatch): void {
  const { status, headers, remoteAddress, tls } = response;
  const told = (whole: boolean) => {
    entry.response = { status, headers, remoteAddress, tls, whole, ...body.told() };
  };
  told(false);
  response.body
    .once('end', () => told(true))
    .once('error', (error) => {
      entry.failure = errorCode(error);
    })
    .once('close', () => {
      entry.finishedAt = now();
      if (entry.response?.whole === false) told(false);
    });
}

interface BodyWatch {
  take(chunk: Buffer): void;
  told(): Pick<JournalledResponse, 'bodySha256' | 'bodyBytes' | 'smallBody'>;
}

function bodyWatch(): BodyWatch {
  const hash = createHash('sha256');
  let chunks: Buffer[] | null = [];
  let bodyBytes = 0;
  return {
    take(chunk) {
      hash.update(chunk);
      bodyBytes += chunk.length;
      if (bodyBytes > smallBytes) chunks = null;
      else chunks?.push(chunk);
    },
    told: () => ({
      bodySha256: hash.copy().digest('hex'),
      bodyBytes,
      smallBody: chunks === null ? null : Buffer.concat(chunks).toString('base64'),
    }),
  };
}

function now(): string {
  return new Date().toISOString();
}

const header = z.tuple([z.string(), z.string()]);

/** Reads entries that were kept as JSON. */
export const journalEntries: z.ZodType<JournalEntry[]> = z.array(
  z.object({
    id: z.uuid(),
    method: z.string(),
    url: z.string(),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
    requestHeaders: z.array(header),
    requestBody: z.string().nullable(),
    response: z
      .object({
        status: z.number(),
        headers: z.array(header),
        remoteAddress: z.string().nullable(),
        tls: z.string().nullable(),
        bodySha256: z.string(),
        bodyBytes: z.number(),
        whole: z.boolean(),
        smallBody: z.string().nullable(),
      })
      .nullable(),
    failure: z.string().nullable(),
  }),
);
