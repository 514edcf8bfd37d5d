/** What our own client asked and was told, as a WARC part of the step that asked. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEntry, JournalledResponse } from '../../egress/journal.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { RecordedBody, RecordedExchange, RecordedResponse } from '../../warc/exchange.ts';
import type { WarcResource } from '../../warc/part.ts';
import type { Parts } from '../parts.ts';
import { storeWarcPart } from './store-warc.ts';

export interface AskingStep {
  step: 'record' | 'wayback' | 'media';
  captureId: string;
}

/**
 * Nothing where nothing was asked. Bodies that lie in the vault are taken from there.
 * @param resources what came by another way than our client, and so without exchanges
 */
export async function storeClientWarc(
  parts: Parts,
  { step, captureId }: AskingStep,
  entries: JournalEntry[],
  signal: AbortSignal,
  resources: WarcResource[] = [],
): Promise<NewArtifact[]> {
  const startedAt = entries[0]?.startedAt ?? resources[0]?.at;
  if (startedAt === undefined) return [];
  // Held until the part is written: hence the `await` at the end.
  await using scratch = await parts.vault.scratch('client-warc');
  const exchanges: RecordedExchange[] = [];
  for (const entry of entries) {
    exchanges.push(await exchangeOf(parts, entry, step, scratch.folder));
  }
  return await storeWarcPart(
    parts,
    {
      step,
      captureId,
      startedAt,
      exchanges,
      resources,
      pages: [],
      withhold: false,
    },
    signal,
  );
}

async function exchangeOf(
  parts: Parts,
  entry: JournalEntry,
  view: string,
  folder: string,
): Promise<RecordedExchange> {
  const { response, requestBody } = entry;
  const body = response === null ? null : await keptBody(parts, response, entry.id, folder);
  const sent =
    requestBody === null
      ? null
      : await writeBody(folder, entry.id, Buffer.from(requestBody, 'base64'));
  return {
    id: entry.id,
    method: entry.method,
    url: entry.url.replace(/#.*$/s, ''),
    startedAt: entry.startedAt,
    finishedAt: entry.finishedAt,
    resourceType: view === 'media' ? 'media' : 'fetch',
    request: { headers: entry.requestHeaders, body: sent },
    response: response === null ? null : responseOf(response, body),
    protocol: response === null ? null : 'http/1.1',
    tls: response?.tls ?? null,
    remoteAddress: response?.remoteAddress ?? null,
    ...classOf(entry, body),
    refetched: false,
    comparedBytes: null,
    cache: null,
    view,
    pageUrl: null,
  };
}

function responseOf(response: JournalledResponse, body: RecordedBody | null): RecordedResponse {
  return {
    status: response.status,
    statusText: '',
    headers: response.headers,
    body,
    decoded: false,
    truncated: response.whole || body === null ? null : 'disconnect',
  };
}

const refusals = new Set(['address-refused', 'bad-url', 'bad-request']);

function classOf(
  { response, failure }: JournalEntry,
  body: RecordedBody | null,
): Pick<RecordedExchange, 'class' | 'reason'> {
  if (response === null) {
    const refused = failure !== null && refusals.has(failure);
    return { class: refused ? 'not-kept' : 'origin-failed', reason: failure };
  }
  if (response.whole && (response.bodyBytes === 0 || body !== null))
    return { class: 'recorded', reason: null };
  // A redirect's body is never read: there is nothing in it that anybody would miss.
  if (response.bodyBytes === 0 && response.status >= 300 && response.status < 400)
    return { class: 'recorded', reason: null };
  return { class: 'not-kept', reason: response.whole ? 'not-stored' : (failure ?? 'not-read-on') };
}

async function keptBody(
  parts: Pick<Parts, 'vault'>,
  { whole, bodyBytes, bodySha256, smallBody }: JournalledResponse,
  id: string,
  folder: string,
): Promise<RecordedBody | null> {
  if (bodyBytes === 0) return null;
  if (whole && (await parts.vault.has(bodySha256))) {
    return { path: await parts.vault.path(bodySha256), sizeBytes: bodyBytes, sha256: bodySha256 };
  }
  return smallBody === null
    ? null
    : writeBody(folder, `${id}.response`, Buffer.from(smallBody, 'base64'));
}

async function writeBody(folder: string, name: string, bytes: Buffer): Promise<RecordedBody> {
  const path = join(folder, name);
  await writeFile(path, bytes, { flag: 'wx' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, sizeBytes: bytes.length, sha256 };
}
