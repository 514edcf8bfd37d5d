/** The media of a page that its recorder holds whole: kept as they came, so that nobody asks for them again. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { headerOf } from '../../media/fetch/exchange.ts';
import { isCoded } from '../../media/fetch/recorded-file.ts';
import { sniff, sniffBytes } from '../../media/fetch/sniff.ts';
import type { MediaRef, RecordedFile } from '../../model/plan.ts';
import { fetchedByScripts } from '../../visit/shown-media/page-media.ts';
import type { RecordedBody, RecordedExchange } from '../../warc/exchange.ts';
import { sortOut } from '../../warc/withheld.ts';
import type { Parts } from '../parts.ts';
import { asPageWith } from './as-page.ts';

type Hops = RecordedFile['hops'];

const mostHops = 10;

/**
 * Marks the best candidate of each medium that the visit recorded whole, and says of the others
 * how the page would ask for them. Lower rungs than that are left alone: they are not needed.
 * What only its bytes could tell to be a medium, and is none, is left out.
 * @param withhold secrets of a logged-in profile are left out of the headers
 */
export async function markRecorded(
  { vault }: Pick<Parts, 'vault'>,
  refs: MediaRef[],
  exchanges: RecordedExchange[],
  { withhold, signal }: { withhold: boolean; signal: AbortSignal },
): Promise<MediaRef[]> {
  const byUrl = Map.groupBy(exchanges, ({ url }) => url);
  const asPage = asPageWith(exchanges, withhold);
  const marked: MediaRef[] = [];
  for (const ref of refs) {
    const [rung, found] = await bestRecorded(vault, byUrl, ref);
    if (found === null && ref.orderedBy === fetchedByScripts) continue;
    const candidates = ref.candidates.map((candidate, index) => {
      if (index !== rung || found === null) return { ...candidate, asPage: asPage(candidate.url) };
      const file = fileOf(found, withhold);
      if (!isCoded(found.response) || ref.kind === 'file') return { ...candidate, recorded: file };
      return { ...candidate, asPage: asPage(candidate.url), decoded: file };
    });
    // A large body lies there already, as a part of the WARC.
    if (found !== null && !(await vault.has(found.body.sha256)))
      await vault.put(createReadStream(found.body.path), { signal });
    marked.push({ ...ref, candidates });
  }
  return marked;
}

/** The first rung whose file the visit recorded whole, and that file. */
async function bestRecorded(
  vault: Pick<Parts['vault'], 'has' | 'path'>,
  byUrl: Map<string, RecordedExchange[]>,
  { candidates, kind }: MediaRef,
): Promise<[rung: number, Found | null]> {
  for (const [rung, { url, recorded }] of candidates.entries()) {
    if (recorded !== undefined) return [rung, null];
    const found = followed(byUrl, url);
    if (found !== null && (await isWanted(vault, found.body, kind))) return [rung, found];
  }
  return [-1, null];
}

interface Found {
  exchange: RecordedExchange;
  response: NonNullable<RecordedExchange['response']>;
  body: RecordedBody;
  hops: Hops;
}

/** The whole file at the end of the recorded redirects from this address. */
function followed(byUrl: Map<string, RecordedExchange[]>, asked: string): Found | null {
  const hops: Hops = [];
  let url = asked.replace(/#.*$/s, '');
  while (hops.length <= mostHops) {
    const here = byUrl.get(url) ?? [];
    for (const exchange of here) {
      const { response } = exchange;
      if (response === null || response.body === null || !isWhole(exchange)) continue;
      hops.push({ url, status: response.status, location: null });
      return { exchange, response, body: response.body, hops };
    }
    const hop = here.map(redirectOf).find((one) => one !== null);
    if (hop?.location == null || !URL.canParse(hop.location, url)) return null;
    hops.push(hop);
    url = new URL(hop.location, url).href.replace(/#.*$/s, '');
  }
  return null;
}

/**
 * All that the origin sent. A coded body is held decoded, and so is another file: good enough for
 * a text that was asked for, which is the same in every coding; of a picture the origin is asked
 * for its own bytes first.
 */
function isWhole({ method, class: ended, response }: RecordedExchange): boolean {
  if (!['GET', 'POST'].includes(method) || ended !== 'recorded') return false;
  if (response === null || response.status !== 200 || response.truncated !== null) return false;
  if (response.body === null || response.body.sizeBytes === 0) return false;
  if (isCoded(response)) return true;
  const length = headerOf(response, 'content-length')?.trim() ?? '';
  return length === '' || Number(length) === response.body.sizeBytes;
}

function redirectOf({
  method,
  url,
  class: ended,
  response,
}: RecordedExchange): Hops[number] | null {
  if (method !== 'GET' || ended !== 'recorded' || response === null) return null;
  if (![301, 302, 303, 307, 308].includes(response.status)) return null;
  return { url, status: response.status, location: headerOf(response, 'location') };
}

/** What is something else, or a list of pieces, is left to whoever fetches. */
async function isWanted(
  vault: Pick<Parts['vault'], 'has' | 'path'>,
  body: RecordedBody,
  wanted: MediaRef['kind'],
) {
  const taken = await vault.has(body.sha256);
  const { kind } = await sniff(await headOf(taken ? await vault.path(body.sha256) : body.path));
  return kind !== 'hls-playlist' && (kind !== 'other' || wanted === 'file');
}

async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
  return buffer.subarray(0, bytesRead);
}

function fileOf({ exchange, response, body, hops }: Found, withhold: boolean): RecordedFile {
  const { id, view, startedAt, refetched } = exchange;
  return {
    sha256: body.sha256,
    sizeBytes: body.sizeBytes,
    url: exchange.url,
    status: response.status,
    headers: sortOut(response.headers, withhold).open,
    remoteAddress: exchange.remoteAddress,
    hops,
    exchange: { id, view, startedAt, refetched },
  };
}
