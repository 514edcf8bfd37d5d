/** Questions whose whole answer fits in memory: a record, a time stamp, a co-signature. */
import { PermanentError } from '../base/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './client.ts';

export interface SmallAnswer extends Pick<HttpResponse, 'status' | 'headers'> {
  body: Buffer;
}

/**
 * Asks once, follows no redirect, reads the answer whole whatever its status.
 * @throws PermanentError `too-large`; what the client throws
 */
export async function askSmall(
  client: HttpClient,
  request: HttpRequest & { timeoutMs: number },
  maxBytes: number,
): Promise<SmallAnswer> {
  const { body, timeoutMs } = request;
  const headers = { ...request.headers };
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  const response = await client.request({ idleTimeoutMs: timeoutMs, ...request, headers });
  const read = await readSmall(response, maxBytes);
  return { status: response.status, headers: response.headers, body: read };
}

/** Reads a small body whole. @throws PermanentError `too-large` */
export async function readSmall(
  { url, body }: Pick<HttpResponse, 'url' | 'body'>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new PermanentError('too-large', `${url} is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
