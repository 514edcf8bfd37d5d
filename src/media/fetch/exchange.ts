/** One GET, every hop of it written down, and what its status means for a media file. */

import { PermanentError, ThrottledError, TransientError } from '../../base/errors.ts';
import type { HttpClient, HttpResponse } from '../../egress/client.ts';
import { retryAfterMs } from '../../egress/pace.ts';
import { followRedirects, type RedirectHop } from '../../egress/redirects.ts';
import { readSmall } from '../../egress/small-answer.ts';

/** An answer that carries the file, or the asked part of it. */
export interface Opened {
  response: HttpResponse;
  hops: RedirectHop[];
}

export interface RequestLimits {
  client: HttpClient;
  signal: AbortSignal;
  /** Longest silence before the connection counts as broken. */
  idleTimeoutMs: number;
  /** With which a page would ask: some files are given to nobody else. */
  asPage?: Record<string, string> | undefined;
}

const maxHops = 10;
const statementMaxBytes = 64 * 1024;
const unaskedWaitMs = 60_000;

/**
 * Follows redirects, hop by hop, to an answer of status 200 (or 206 where a range is asked).
 * @throws PermanentError `gone`, `legal-withheld`, `forbidden`, `unexpected-status`,
 *   `range-refused` and what `followRedirects` throws; TransientError `server-error` and what
 *   the client throws; ThrottledError
 */
export async function openMedia(
  url: string,
  headers: Record<string, string>,
  { client, signal, idleTimeoutMs, asPage }: RequestLimits,
): Promise<Opened> {
  const request = { url, headers: { ...asPage, ...headers }, signal, idleTimeoutMs };
  const opened = await followRedirects(client, request, { maxHops });
  await refuseOtherThanFile(opened.response, 'range' in headers);
  return opened;
}

export function headerOf(response: Pick<HttpResponse, 'headers'>, name: string): string | null {
  return response.headers.find(([other]) => other.toLowerCase() === name)?.[1] ?? null;
}

async function refuseOtherThanFile(response: HttpResponse, rangeAsked: boolean): Promise<void> {
  const { status } = response;
  if (status === 200 || (status === 206 && rangeAsked)) return;
  try {
    throw await meaningOf(response);
  } finally {
    response.body.destroy();
  }
}

async function meaningOf(response: HttpResponse): Promise<Error> {
  const { status, url } = response;
  const says = `${url} answers ${status}`;
  if (status === 404 || status === 410) return new PermanentError('gone', says);
  if (status === 429) {
    const waitMs = retryAfterMs(response.headers, new Date()) ?? unaskedWaitMs;
    return new ThrottledError(new URL(url).hostname, waitMs);
  }
  if (status === 451 || (status === 403 && (await saysCopyright(response)))) {
    return new PermanentError('legal-withheld', says);
  }
  if (status === 401 || status === 403) return new PermanentError('forbidden', says);
  if (status === 416) return new PermanentError('range-refused', says);
  if (status >= 500 || status === 408) return new TransientError('server-error', says);
  return new PermanentError('unexpected-status', says);
}

/** The media hosts of X answer 403 with this body to files that were withheld on a DMCA notice. */
async function saysCopyright(response: HttpResponse): Promise<boolean> {
  try {
    const body: unknown = JSON.parse(
      (await readSmall(response, statementMaxBytes)).toString('utf8'),
    );
    return (
      typeof body === 'object' &&
      body !== null &&
      'error_response' in body &&
      body.error_response === 'Dmcaed'
    );
  } catch {
    return false;
  }
}
