/** The HTTP header block at the start of a request or response record, and what its body says of it. */
import type { ByteReader } from './byte-reader.ts';
import type { CheckLimits } from './limits.ts';
import { OverLimit } from './limits.ts';
import { looksCoded } from './payload.ts';
import { type Field, fieldOf, fieldsOf } from './warc-record.ts';

export interface HttpHead {
  firstLine: string;
  fields: Field[];
  faults: string[];
}

/** Null where there is no end to the header block. */
export async function readHttpHead(
  reader: ByteReader,
  length: number,
  limits: CheckLimits,
): Promise<HttpHead | null> {
  const lines: string[] = [];
  const from = reader.position;
  const max = Math.min(length, limits.headerBytes);
  for (;;) {
    const left = max - (reader.position - from);
    const line = left <= 0 ? null : await reader.until('\n', left).catch(pastEnd);
    if (line === null) return null;
    const text = line.toString('latin1').replace(/\r?\n$/, '');
    if (text === '') break;
    lines.push(text);
  }
  const [firstLine = '', ...rest] = lines;
  const faults: string[] = [];
  return { firstLine, fields: fieldsOf(rest, faults), faults };
}

function pastEnd(error: unknown): null {
  if (error instanceof OverLimit) return null;
  throw error;
}

/** `null` when the line is no status line. */
export function statusOf({ firstLine }: HttpHead): number | null {
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})(?: |$)/.exec(firstLine)?.[1];
  return status === undefined ? null : Number(status);
}

export function isRequestLine(firstLine: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/\d(\.\d)?$/.test(firstLine);
}

export interface BodyFacts {
  sizeBytes: number;
  /** First bytes. */
  start: Buffer;
  chunked: 'absent' | 'sound' | 'broken';
  truncated: boolean;
}

/** What headers claim of a body that it doesn't keep. */
export function misfits(head: HttpHead, status: number | null, body: BodyFacts): string[] {
  const found: string[] = [];
  if (body.truncated || body.sizeBytes === 0 || status === 304) return found;
  const length = fieldOf(head, 'content-length');
  if (length !== null && body.chunked === 'absent' && Number(length) !== body.sizeBytes) {
    found.push(
      `Content-Length says ${length}, the body has ${body.sizeBytes} bytes, and no WARC-Truncated tells why`,
    );
  }
  if (body.chunked === 'broken') {
    found.push('Transfer-Encoding says chunked, and the body is not');
  }
  return found;
}

/**
 * A body that isn't in the coding that its header names: decoded and not told, or a server that
 * lied and is recorded as it did. The bytes can't show which, so it is no fault of the archive.
 */
export function oddCoding(head: HttpHead, body: BodyFacts): string | null {
  const coding = (fieldOf(head, 'content-encoding') ?? '').split(',').at(-1)?.trim() ?? '';
  if (body.truncated || body.chunked === 'sound' || !looksWrong(coding, body.start)) return null;
  return `Content-Encoding says ${coding}, and the body is not`;
}

function looksWrong(coding: string, start: Buffer): boolean {
  return looksCoded(coding, start) === false;
}
